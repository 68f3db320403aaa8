// Prints which imports go the wrong way; exits with 1 when there are any, or when the check saw too little.
import { checkDirection } from '../house/direction.ts';
import { isTypeScript, readSourceFiles, repositoryRoot } from '../house/source-files.ts';

const files = readSourceFiles().filter(isTypeScript);
const { modules, dependencies, findings } = await checkDirection(repositoryRoot, files);
for (const finding of findings) console.log(`${finding.path} ${finding.problem}`);
console.log(`${modules} of ${files.length} files read, ${dependencies} imports, ${findings.length} wrong`);
if (findings.length > 0) process.exitCode = 1;

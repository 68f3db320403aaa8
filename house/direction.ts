// Who may import whom: the table of `docs/adr` and ARCHITECTURE, checked by dependency-cruiser.
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import type { Finding, SourceFile } from './source-files.ts';

/**
 * For each place the places of ours that its `src` may import. A place that is not named may import nothing of ours.
 * Arrows are written out in full, so that one line answers the question without following a chain.
 */
export const mayImport: Record<string, readonly string[]> = {
  'packages/core': [],
  'packages/embedded': [],
  'packages/contracts': ['packages/core'],
  'packages/db': ['packages/core', 'packages/contracts'],
  'packages/queues': ['packages/contracts'],
  'packages/mail': ['packages/contracts'],
  'packages/engine': [
    'packages/core',
    'packages/contracts',
    'packages/db',
    'packages/queues',
    'packages/mail',
  ],
  'packages/client': ['packages/contracts'],
  'packages/testkit': [
    'packages/core',
    'packages/contracts',
    'packages/db',
    'packages/queues',
    'packages/mail',
    'packages/engine',
    'packages/client',
    'packages/embedded',
  ],
  'apps/api': [
    'packages/core',
    'packages/contracts',
    'packages/db',
    'packages/queues',
    'packages/mail',
    'packages/engine',
  ],
  'apps/worker': [
    'packages/core',
    'packages/contracts',
    'packages/db',
    'packages/queues',
    'packages/mail',
    'packages/engine',
  ],
  'apps/cli': [
    'packages/core',
    'packages/contracts',
    'packages/db',
    'packages/queues',
    'packages/mail',
    'packages/engine',
    'packages/client',
    'packages/embedded',
    'apps/api',
    'apps/worker',
  ],
  'apps/console': ['packages/client'],
};

/** The one import that is allowed as a type only: the client learns the API's shape from its router and runs without it. */
const typeOnly = { from: 'packages/client', to: 'apps/api' };

const ours = '^(?:packages|apps)/';
const testFile = '(?:/test/|\\.test\\.tsx?$)';

function placeRule(
  place: string,
  allowed: readonly string[],
): NonNullable<IFlattenedRuleSet['forbidden']>[0] {
  const exempt = [place, ...allowed, ...(place === typeOnly.from ? [typeOnly.to] : [])];
  return {
    name: `direction-${place.replace('/', '-')}`,
    comment: `${place} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing of ours'}`,
    severity: 'error',
    from: { path: `^${place}/src/`, pathNot: testFile },
    to: { path: ours, pathNot: exempt.map((each) => `^${each}/`) },
  };
}

const forbidden: NonNullable<IFlattenedRuleSet['forbidden']> = [
  ...Object.entries(mayImport).map(([place, allowed]) => placeRule(place, allowed)),
  {
    name: 'unnamed-place',
    comment: 'a place that is missing in the table may import nothing of ours: add it to house/direction.ts',
    severity: 'error',
    from: { path: `${ours}([^/]+)/src/`, pathNot: Object.keys(mayImport).map((place) => `^${place}/`) },
    to: { path: ours },
  },
  {
    name: 'client-knows-the-api-as-a-type-only',
    comment: 'import it with `import type`: who installs the client must not get the server',
    severity: 'error',
    from: { path: `^${typeOnly.from}/src/`, pathNot: testFile },
    to: { path: `^${typeOnly.to}/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'core-imports-only-itself',
    comment: 'the rules are pure: no package, no node module',
    severity: 'error',
    from: { path: '^packages/core/src/', pathNot: testFile },
    to: { pathNot: '^packages/core/src/' },
  },
  {
    name: 'testkit-in-tests-only',
    comment: 'what ships must run without the test kit',
    severity: 'error',
    from: { pathNot: [testFile, '^packages/testkit/', '^house/', '^vitest\\.'] },
    to: { path: '^packages/testkit/' },
  },
  {
    name: 'no-way-round-the-front-door',
    comment: 'another package is entered by its name, which leads to what its package.json exports',
    severity: 'error',
    from: { path: '^(packages|apps)/([^/]+)/' },
    to: { path: ours, pathNot: '^$1/$2/', dependencyTypes: ['local'] },
  },
  {
    name: 'nobody-imports-the-own-index',
    comment: 'index.ts is for others; inside a package import the file that has it',
    severity: 'error',
    from: { path: '^(packages|apps)/([^/]+)/src/', pathNot: testFile },
    to: { path: '^$1/$2/src/index\\.ts$' },
  },
  {
    name: 'no-test-tools-in-src',
    comment: 'devDependencies are absent where the product runs',
    severity: 'error',
    from: { path: '^(packages|apps)/[^/]+/src/', pathNot: [testFile, '^packages/testkit/'] },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: ours },
  },
  {
    name: 'no-circle',
    comment: 'two files that need each other are one file, or three',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'resolvable',
    comment: 'the import leads nowhere: a typing error, or a dependency that package.json does not name',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

const hasImport = /^(?:import|export)\b[^;]*?\bfrom\s*['"]/m;

/**
 * Cruises `files` (paths from `root`) and says which imports go the wrong way.
 * Fails too when a file that has imports was seen with none: without a compiler of its own dependency-cruiser reads no
 * TypeScript and reports success.
 */
export async function checkDirection(
  root: string,
  files: readonly SourceFile[],
): Promise<{ modules: number; dependencies: number; findings: Finding[] }> {
  if (files.length === 0) {
    return {
      modules: 0,
      dependencies: 0,
      findings: [{ path: '.', problem: 'there was no file to look at' }],
    };
  }
  const result = await cruiseAll(
    root,
    files.map((file) => file.path),
  );
  const imports = new Map(result.modules.map((module) => [module.source, module.dependencies.length]));
  const why = new Map(forbidden.map((rule) => [rule.name, rule.comment]));
  const findings = result.summary.violations.map((violation) => ({
    path: violation.from,
    problem: `imports ${violation.to} (${violation.rule.name}: ${why.get(violation.rule.name)})`,
  }));
  const unread = filesNotRead(files, imports);
  findings.push(...unread);
  return {
    modules: files.length - unread.length,
    dependencies: files.reduce((sum, file) => sum + (imports.get(file.path) ?? 0), 0),
    findings,
  };
}

/** The files that a cruise with these import counts passed over: not in it at all, or with imports in the text and none in it. */
export function filesNotRead(files: readonly SourceFile[], imports: ReadonlyMap<string, number>): Finding[] {
  return files
    .filter((file) => !imports.has(file.path) || (hasImport.test(file.text) && imports.get(file.path) === 0))
    .map((file) => ({ path: file.path, problem: 'dependency-cruiser did not read its imports' }));
}

async function cruiseAll(root: string, paths: readonly string[]): Promise<ICruiseResult> {
  const options: ICruiseOptions = {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
  };
  const resolution = {
    extensions: ['.ts', '.tsx', '.js', '.json'],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default'],
  };
  const report = await cruise([...paths], options, resolution);
  if (typeof report.output === 'string')
    throw new Error('dependency-cruiser gave a text where a result was expected');
  return report.output;
}

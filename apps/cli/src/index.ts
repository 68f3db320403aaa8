// Public surface of @stockroom/cli: the command line as a function, for tests that want no process.

export { exitCodes } from './exit-codes.ts';
export { buildProgram } from './program.ts';

// What other packages may use: servers that need nothing installed.
export { EmbeddedError, type EmbeddedErrorCode } from './embedded-error.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './postgres.ts';

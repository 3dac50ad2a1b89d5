export { type CaughtMail, type MailMatch } from './caught-mail.ts';
export { createTestDatabase, dropTestDatabase, withDatabase } from './database.ts';
export { ensureLaptopSecrets, type LaptopSecrets } from './laptop-secrets.ts';
export { DataFolderError, LocalStackError } from './local-stack-error.ts';
export { type LocalStack, type LocalStackOptions, startLocalStack } from './local-stack.ts';
export { type MailCatcher, type MailCatcherOptions, startMailCatcher } from './mail-catcher.ts';
export { type MailFault } from './mail-faults.ts';
export { assertPortFree, findFreePort, isPortFree, PortTakenError } from './port.ts';
export { PostgresUnavailableError } from './postgres-installation.ts';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts';
export { type OnProgress } from './progress.ts';
export { findProcess } from './running-process.ts';
export { StackInUseError } from './stack-lock.ts';
export {
  findTemporal,
  type FindTemporalOptions,
  TEMPORAL_CLI_VERSION,
  type TemporalExecutable,
  TemporalUnavailableError,
} from './temporal-executable.ts';
export {
  startTemporal,
  TemporalStartError,
  type Temporal,
  type TemporalOptions,
  type TemporalPorts,
} from './temporal.ts';

export { completeConfig, type CompleteConfig, type ServersAndSecrets } from './complete-config.ts';
export { ConfigurationError, type ConfigurationProblem } from './configuration-error.ts';
export { checkValueOf, deriveKey, deriveKeys, keyIdOf, type Keys } from './derive-key.ts';
export { noSupportToken } from './required-in-production.ts';
export { type EnvironmentVariable, KEY_LENGTH_BYTES } from './environment.ts';
export { type Config, loadConfig } from './load-config.ts';
export { type PostgresAddress, PostgresAddressError, readPostgresAddress } from './postgres-address.ts';
export { type TemporalSecurity } from './temporal-security.ts';

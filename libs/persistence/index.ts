export * from './database.ts';
export * from './entities/index.ts';
export { ormConfig, type DatabaseOptions } from './orm.ts';
export type { SchemaState } from './schema.ts';
export { sealerRole, systemRole, tenantRole } from './tenancy.ts';
export type { EntityManager } from '@mikro-orm/postgresql';
export * from './standing/index.ts';
export { executeAsLast } from './tenancy-client.ts';

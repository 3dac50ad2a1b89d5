import type { MigrationObject } from '@mikro-orm/core';
import { Foundation } from './Migration20261122000000_foundation.ts';
import { AuditCheckpoint } from './Migration20261122041734_audit-checkpoint.ts';

/** In order; a migration that has run anywhere is never changed. */
export const migrations: MigrationObject[] = [
  { name: 'Migration20261122000000_foundation', class: Foundation },
  { name: 'Migration20261122041734_audit-checkpoint', class: AuditCheckpoint },
];

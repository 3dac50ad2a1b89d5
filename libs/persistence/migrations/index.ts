import type { MigrationObject } from '@mikro-orm/core';
import { BoundedApiKeys } from './Migration20261125185700_bounded-api-keys.ts';
import { Foundation } from './Migration20261122000000_foundation.ts';
import { AuditCheckpoint } from './Migration20261122041734_audit-checkpoint.ts';
import { ChangeRequests } from './Migration20261125192500_change-requests.ts';
import { ExternalAdministratorEnding } from './Migration20261122050500_external-administrator-ending.ts';
import { Identity } from './Migration20261122052000_identity.ts';
import { InviteBatches } from './Migration20261122051500_invite-batches.ts';
import { SignIns } from './Migration20261125143738_sign-ins.ts';
import { PagesAndLeases } from './Migration20261125154100_pages-and-leases.ts';
import { Standing } from './Migration20261125140800_standing.ts';
import { RoleAppointments } from './Migration20261125143426_role-appointments.ts';
import { SupportActions } from './Migration20261125152216_support-actions.ts';
import { Scim } from './Migration20261126015830_scim.ts';
import { SeenAndUsed } from './Migration20261122060000_seen-and-used.ts';
import { MailsNotSent } from './Migration20261122083000_mails-not-sent.ts';
import { NamesAfterTheRelationship } from './Migration20261122061500_names-after-the-relationship.ts';
import { SealerAndItsKeys } from './Migration20261125142600_sealer-and-its-keys.ts';
import { TrailAsATree } from './Migration20261125145200_trail-as-a-tree.ts';
import { Webhooks } from './Migration20261122071000_webhooks.ts';
import { UnfinishedWork } from './Migration20261125184500_unfinished-work.ts';
import { WhoMayBeBelieved } from './Migration20261125160200_who-may-be-believed.ts';

/** In order; a migration that has run anywhere is never changed. */
export const migrations: MigrationObject[] = [
  { name: 'Migration20261122000000_foundation', class: Foundation },
  { name: 'Migration20261122041734_audit-checkpoint', class: AuditCheckpoint },
  { name: 'Migration20261122050500_external-administrator-ending', class: ExternalAdministratorEnding },
  { name: 'Migration20261122051500_invite-batches', class: InviteBatches },
  { name: 'Migration20261122052000_identity', class: Identity },
  { name: 'Migration20261122060000_seen-and-used', class: SeenAndUsed },
  { name: 'Migration20261122061500_names-after-the-relationship', class: NamesAfterTheRelationship },
  { name: 'Migration20261122071000_webhooks', class: Webhooks },
  { name: 'Migration20261122083000_mails-not-sent', class: MailsNotSent },
  { name: 'Migration20261125140800_standing', class: Standing },
  { name: 'Migration20261125142600_sealer-and-its-keys', class: SealerAndItsKeys },
  { name: 'Migration20261125143426_role-appointments', class: RoleAppointments },
  { name: 'Migration20261125143738_sign-ins', class: SignIns },
  { name: 'Migration20261125145200_trail-as-a-tree', class: TrailAsATree },
  { name: 'Migration20261125152216_support-actions', class: SupportActions },
  { name: 'Migration20261125154100_pages-and-leases', class: PagesAndLeases },
  { name: 'Migration20261125160200_who-may-be-believed', class: WhoMayBeBelieved },
  { name: 'Migration20261125184500_unfinished-work', class: UnfinishedWork },
  { name: 'Migration20261125185700_bounded-api-keys', class: BoundedApiKeys },
  { name: 'Migration20261125192500_change-requests', class: ChangeRequests },
  { name: 'Migration20261126015830_scim', class: Scim },
];

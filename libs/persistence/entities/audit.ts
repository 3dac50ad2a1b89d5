import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant } from '../columns.ts';
import { inReach, overlapsReach, rowSecurity, sealedRowSecurity, sealerRole, tenantRole } from '../tenancy.ts';

export interface AuditActor {
  kind: 'account' | 'service' | 'support' | 'clock';
  id: string | null;
  /** The role or grant the right came from. */
  by?: string | undefined;
}

/** What names a person or is a person's own words; erasable without breaking the chain. */
export interface PersonalData {
  reason?: string | undefined;
  sourceAddress?: string | undefined;
  names?: Record<string, string> | undefined;
}

const AuditEventSchema = defineEntity({
  name: 'AuditEvent',
  policies: [
    ...rowSecurity('audit_event', overlapsReach('organization_ids'), null),
    // What is told to a customer out of reach must be written, too.
    { name: 'audit_event_tenant_insert', command: 'insert', roles: [tenantRole], check: 'true' },
    { name: 'audit_event_sealer', roles: [sealerRole], using: 'true', check: 'true' },
  ],
  indexes: [
    {
      name: 'audit_event_organizations',
      expression: 'create index audit_event_organizations on audit_event using gin (organization_ids)',
    },
    { properties: ['subjectId'] },
    { properties: ['actorId'] },
    {
      name: 'audit_event_unsealed',
      expression: 'create index audit_event_unsealed on audit_event (recorded_order) where sealed_at is null',
    },
  ],
  properties: {
    id: id(),
    /** Order of recording; positions in an organization's chain are given by the sealer. */
    recordedOrder: p.bigint().defaultRaw("nextval('audit_event_order')").unique().$type<string>(),
    action: p.string(),
    actor: p.json<AuditActor>(),
    organizationIds: p.array().columnType('uuid[]').$type<string[]>(),
    subject: p.json<{ kind: string; id: string }>(),
    /** Columns of their own, so that row-level security lets an index find them. */
    subjectId: p.text().generated("(subject ->> 'id') stored").nullable(),
    actorId: p.text().generated("(actor ->> 'id') stored").nullable(),
    outcome: p.string().$type<'success' | 'refused'>(),
    /** Facts without personal data: ids, states, times, codes. */
    facts: p.json<Record<string, unknown>>().defaultRaw("'{}'"),
    personal: p.json<PersonalData>().nullable(),
    /** Makes the digest of the personal part useless for guessing it; gone with it when it is erased. */
    salt: p.string().nullable(),
    personalDigest: p.string(),
    grantId: p.uuid().nullable(),
    at: instant(),
    sealedAt: instant().nullable(),
  },
});
export class AuditEvent extends AuditEventSchema.class {}
AuditEventSchema.setClass(AuditEvent);

/** An event's place in the chain of one organization. */
const AuditSealSchema = defineEntity({
  name: 'AuditSeal',
  policies: sealedRowSecurity('audit_seal', inReach('organization_id')),
  uniques: [{ properties: ['organizationId', 'eventId'] }],
  properties: {
    organizationId: p.uuid().primary(),
    position: p.integer().primary(),
    eventId: p.uuid(),
    previousHash: p.string(),
    hash: p.string(),
  },
});
export class AuditSeal extends AuditSealSchema.class {}
AuditSealSchema.setClass(AuditSeal);

/**
 * The signed head of one organization's trail, with the edge its tree goes on from. Only the newest is kept: an older one beside it would let somebody who
 * can write to the database cut the tail and present the older head as the present one.
 */
const AuditCheckpointSchema = defineEntity({
  name: 'AuditCheckpoint',
  policies: sealedRowSecurity('audit_checkpoint', inReach('organization_id')),
  properties: {
    organizationId: p.uuid().primary(),
    position: p.integer(),
    hash: p.string(),
    at: instant(),
    keyId: p.string(),
    /** Ed25519, 32 bytes, base64url: an export carries it, a verifier compares it with the one it trusts. */
    publicKey: p.string(),
    /** Of a chain from before there were trees, until it is carried over. */
    signature: p.string().nullable(),
    /** Names the log to witnesses, whatever address the service moves to. */
    origin: p.string().nullable(),
    /** Leaves the tree has grown to; it lags behind the position only while a chain is carried over. */
    treeSize: p.integer().default(0),
    /** The roots of its complete subtrees, the largest first, base64url, joined by dots. */
    edge: p.text().default(''),
    /** C2SP tlog-checkpoint; null while there is a signature of before. */
    note: p.text().nullable(),
  },
});
export class AuditCheckpoint extends AuditCheckpointSchema.class {}
AuditCheckpointSchema.setClass(AuditCheckpoint);

/** The keys that have signed checkpoints, each vouched for by the one before. The private halves are never here. */
const AuditSigningKeySchema = defineEntity({
  name: 'AuditSigningKey',
  policies: sealedRowSecurity('audit_signing_key', 'true'),
  properties: {
    /** 1 is the first key. */
    place: p.integer().primary().autoincrement(false),
    keyId: p.string(),
    /** Ed25519, 32 bytes, base64url. */
    publicKey: p.string().unique(),
    since: instant(),
    endorsement: p.string().nullable(),
    acceptance: p.string().nullable(),
  },
});
export class AuditSigningKey extends AuditSigningKeySchema.class {}
AuditSigningKeySchema.setClass(AuditSigningKey);

/** Every eighth level of an organization's tree, as far as it is complete: what proofs are read from. */
const AuditTreeNodeSchema = defineEntity({
  name: 'AuditTreeNode',
  policies: sealedRowSecurity('audit_tree_node', inReach('organization_id')),
  properties: {
    organizationId: p.uuid().primary(),
    /** Over 2^height leaves. */
    height: p.integer().primary(),
    index: p.integer().primary(),
    hash: p.string(),
  },
});
export class AuditTreeNode extends AuditTreeNodeSchema.class {}
AuditTreeNodeSchema.setClass(AuditTreeNode);

/** The latest checkpoint of a trail that a witness has countersigned. */
const AuditCosignatureSchema = defineEntity({
  name: 'AuditCosignature',
  policies: sealedRowSecurity('audit_cosignature', inReach('organization_id')),
  properties: {
    organizationId: p.uuid().primary(),
    /** The witness by its name, as its key says. */
    witness: p.string().primary(),
    size: p.integer(),
    /** With the signatures of the service and the witness. */
    note: p.text(),
    at: instant(),
  },
});
export class AuditCosignature extends AuditCosignatureSchema.class {}
AuditCosignatureSchema.setClass(AuditCosignature);

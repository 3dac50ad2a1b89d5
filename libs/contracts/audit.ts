import { z } from 'zod';
import { instant, page, pageQuery, plainText, uuid } from './scalars.ts';

export const auditEvent = z
  .object({
    /** Place in the organization's chain; null until the sealer has been there. */
    position: z.int().nullable(),
    id: uuid,
    action: z.string().meta({ example: 'elevation.approved' }),
    actor: z.object({
      kind: z.enum(['account', 'service', 'support', 'clock']),
      id: z.string().nullable(),
      displayName: z.string().optional(),
      by: z.string().optional(),
    }),
    organizationIds: z.array(uuid),
    subject: z.object({ kind: z.string(), id: z.string() }),
    reason: z.string().nullable(),
    outcome: z.enum(['success', 'refused']),
    facts: z.record(z.string(), z.unknown()),
    sourceAddress: z.string().nullable(),
    at: instant,
    grantId: uuid.nullable(),
  })
  .meta({ id: 'AuditEvent' });

export const auditQuery = pageQuery.extend({
  action: plainText(100).optional(),
  outcome: z.enum(['success', 'refused']).optional(),
  subjectId: uuid.optional(),
  actorId: uuid.optional(),
});
export const auditPage = page(auditEvent).meta({ id: 'AuditEventPage' });

export const chainVerification = z
  .object({
    valid: z.boolean(),
    events: z.int(),
    /** The signed head the trail was compared with. */
    checkpoint: z.object({ position: z.int(), hash: z.string(), at: instant, root: z.string().optional() }).nullable(),
    firstInvalid: z.object({ position: z.int(), id: z.string().optional(), why: z.string() }).optional(),
  })
  .meta({ id: 'ChainVerification' });

export const consistencyQuery = z.strictObject({
  from: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  to: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
});
export const consistencyProof = z
  .strictObject({ from: z.int(), to: z.int(), proof: z.array(z.string()) })
  .meta({ id: 'ConsistencyProof' });

export const eventProofQuery = z.strictObject({
  eventId: uuid,
  personal: z
    .stringbool({ case: 'sensitive' })
    .meta({ enum: ['true', 'false'] })
    .default(false),
});

export const auditKeyLink = z.strictObject({
  keyId: z.string(),
  /** Ed25519, 32 bytes, base64url. */
  publicKey: z.string(),
  since: instant,
  /** The former key's signature over the link; null for the first key. */
  endorsement: z.string().nullable(),
  /** This key's signature over the same link. */
  acceptance: z.string().nullable(),
});
export const auditKeys = z
  .strictObject({ format: z.literal('countersign-audit-keys/1'), keys: z.array(auditKeyLink) })
  .meta({ id: 'AuditKeys' });

export type AuditEventView = z.infer<typeof auditEvent>;
export type AuditQuery = z.infer<typeof auditQuery>;

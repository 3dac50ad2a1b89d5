import { z } from 'zod';
import { auditKeyLink } from '#contracts';
import type { AuditActor, PersonalData } from '#persistence';
import type { ChainedEvent } from './chain.ts';

/** Trails as trees, closed by a C2SP checkpoint. */
export const exportFormat = 'countersign-audit/2';
/** Trails as chains only; written no more, verified for ever. */
export const chainExportFormat = 'countersign-audit/1';

/** JSON Lines: one header, the events in order of position, one trailer. Members that are not known are refused. */
const chainHeader = z.strictObject({
  type: z.literal('header'),
  format: z.literal(chainExportFormat),
  organizationId: z.uuid(),
  /** Ed25519, base64url; null while nothing has been sealed. */
  publicKey: z.string().nullable(),
  exportedAt: z.iso.datetime(),
});

const treeHeader = z.strictObject({
  type: z.literal('header'),
  format: z.literal(exportFormat),
  organizationId: z.uuid(),
  /** The ring of the service's keys, each signed by the one before. */
  keys: z.array(auditKeyLink),
  /** Checkpoints that witnesses have countersigned, as notes: none of them covers more than the trailer's does. */
  witnessed: z.array(z.string()),
  exportedAt: z.iso.datetime(),
});

export const eventLine = z.strictObject({
  type: z.literal('event'),
  position: z.int().positive(),
  previousHash: z.string(),
  hash: z.string(),
  id: z.string(),
  action: z.string(),
  // The hash covers every member of these; what they may hold grows with the product.
  actor: z.custom<AuditActor>(isObject),
  organizationIds: z.array(z.string()),
  subject: z.custom<{ kind: string; id: string }>(isObject),
  outcome: z.string(),
  facts: z.custom<Record<string, unknown>>(isObject),
  personalDigest: z.string(),
  grantId: z.string().nullable(),
  at: z.string(),
  personal: z.custom<PersonalData>(isObject).nullable(),
  salt: z.string().nullable(),
});

const treeCheckpoint = z.strictObject({
  note: z.string(),
  position: z.int().positive(),
  hash: z.string(),
  at: z.iso.datetime(),
});

const chainCheckpoint = z.strictObject({
  organizationId: z.string(),
  position: z.int().positive(),
  hash: z.string(),
  at: z.string(),
  keyId: z.string(),
  signature: z.string(),
});

const trailerLine = z.strictObject({
  type: z.literal('trailer'),
  count: z.int().nonnegative(),
  checkpoint: z.union([treeCheckpoint, chainCheckpoint]).nullable(),
});

const headerLine = z.union([treeHeader, chainHeader]);
const anyLine = z.union([eventLine, headerLine, trailerLine]);

export type ExportHeader = z.infer<typeof headerLine>;
export type ExportTrailer = z.infer<typeof trailerLine>;
export type ExportLine = ExportHeader | ExportTrailer | ({ type: 'event' } & ChainedEvent);

/** Null where the text is no line of an export. */
export function parseLine(text: string): ExportLine | null {
  try {
    return anyLine.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** One line with its line feed. Other line separators are escaped: some readers would break the line at them. */
export function formatLine(line: ExportLine): string {
  const text = JSON.stringify(line).replace(/[\u2028\u2029]/g, (separator) =>
    separator === '\u2028' ? '\\u2028' : '\\u2029',
  );
  return `${text}\n`;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

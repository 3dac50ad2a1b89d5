import { z } from 'zod';
import { localPath } from '../console/page-path.ts';

/** A form that was refused until its person proves anew who they are: where it was sent to, and what was in it. */
export interface KeptForm {
  again: string;
  /** As JSON, from page to page: nothing of it is stored. */
  kept: string;
}

/** What only the form's own page may send, and what nobody writes into a page again. */
const notKept = new Set(['form_token', 'form_page', 'password', 'passkeyStep', 'passkeyResponse']);

export function keepForm(path: string, body: unknown): KeptForm {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>).filter(([name]) => !notKept.has(name));
  return { again: localPath(path), kept: JSON.stringify(Object.fromEntries(fields)) };
}

export const keptForm = z.object({
  again: z.string().catch('').transform(localPath),
  kept: z.string().max(100_000).catch('{}'),
});

const fieldsOf = z.record(z.string(), z.union([z.string(), z.array(z.string())])).catch({});

/** Each field as often as it was sent. */
export function fieldsIn({ kept }: KeptForm): { name: string; value: string }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(kept);
  } catch {
    return [];
  }
  return Object.entries(fieldsOf.parse(parsed))
    .filter(([name]) => !notKept.has(name))
    .flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })));
}

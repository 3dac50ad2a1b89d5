import type { EntityManager } from '#persistence';

/** A column that keeps secrets sealed with the payload key: one as it is, or several within JSON. */
export interface SealedPlace {
  what: string;
  table: string;
  id: string;
  column: string;
  isJson: boolean;
  /** The sealed texts of a row, as a set. */
  texts: string;
  /** Which rows are ever opened again; default: all. */
  where?: string;
}

/** Everything that is kept for longer than a day; answers of Idempotency-Keys and cookies end by themselves. */
export const sealedPlaces: readonly SealedPlace[] = [
  {
    what: 'secrets of webhooks, channels and signal streams',
    table: 'webhook',
    id: 'id',
    column: 'sealed_secret',
    isJson: false,
    texts: 'select sealed_secret as text',
  },
  {
    what: 'former webhook secrets',
    table: 'webhook',
    id: 'id',
    column: 'former_secrets',
    isJson: true,
    texts: `select secret ->> 'sealed' as text from jsonb_array_elements(former_secrets) secret`,
  },
  {
    what: 'single sign-on secrets',
    table: 'organization',
    id: 'id',
    column: 'sso',
    isJson: true,
    texts: `select sso ->> 'sealedClientSecret' as text`,
  },
  {
    what: 'proposed single sign-on secrets',
    table: 'change_request',
    id: 'id',
    column: 'change',
    isJson: true,
    texts: `select change #>> '{sso,sealedClientSecret}' as text`,
    where: `status = 'pending'`,
  },
  {
    what: 'keys that sign signals',
    table: 'signal_key',
    id: 'id',
    column: 'sealed_private_key',
    isJson: false,
    texts: 'select sealed_private_key as text',
  },
  {
    what: 'authenticator apps',
    table: 'authenticator_app',
    id: 'account_id',
    column: 'sealed_secret',
    isJson: false,
    texts: 'select sealed_secret as text',
  },
];

/** Something that is sealed; null where nothing is. */
export async function anySealed(em: EntityManager): Promise<string | null> {
  for (const { table, texts, where = 'true' } of sealedPlaces) {
    const [row] = await em.execute<{ text: string }[]>(
      `select sealed.text from ${table}, lateral (${texts}) sealed where ${where} and sealed.text is not null limit 1`,
    );
    if (row) return row.text;
  }
  return null;
}

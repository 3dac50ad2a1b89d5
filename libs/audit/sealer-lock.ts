import type { EntityManager } from '#persistence';

/** Advisory lock of the one sealer of a database; any fixed number that nothing else locks. */
export const sealerLock = 7_236_114_085;

/** Waits until no sealer is at work; until the transaction ends none begins. */
export async function lockSealing(em: EntityManager): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(?)', [sealerLock]);
}

/** False, at once, while another sealer is at work. */
export async function tryToLockSealing(em: EntityManager): Promise<boolean> {
  const [row] = await em.execute<{ locked: boolean }[]>('select pg_try_advisory_xact_lock(?) as locked', [sealerLock]);
  return row?.locked === true;
}

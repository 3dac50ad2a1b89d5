import type { EntityManager } from '#persistence';

/** The latest checkpoint each witness has countersigned, as notes with the signatures of the service and the witness. */
export async function readWitnessed(em: EntityManager, organizationId: string): Promise<string[]> {
  const rows = await em.execute<{ note: string }[]>(
    'select note from audit_cosignature where organization_id = ? order by witness',
    [organizationId],
  );
  return rows.map(({ note }) => note);
}

import type { MemberView } from '#contracts';
import { Account, ApiKey, RoleAppointment, type EntityManager, type Membership } from '#persistence';

type Provenance = MemberView['provenance'];

/** Who gave the administrator roles that these members hold, by membership. */
export async function viewProvenance(em: EntityManager, rows: readonly Membership[]): Promise<Map<string, Provenance>> {
  const appointments = await em.find(
    RoleAppointment,
    { membershipId: { $in: rows.map(({ id }) => id) }, endedAt: null },
    { orderBy: { id: 'asc' } },
  );
  const names = await namesOf(
    em,
    appointments.flatMap(({ givenById, confirmedById }) => [givenById, confirmedById]),
  );
  return new Map(
    rows.map(({ id }) => [
      id,
      appointments.filter(({ membershipId }) => membershipId === id).map((row) => viewAppointment(row, names)),
    ]),
  );
}

const viewAppointment = (row: RoleAppointment, names: ReadonlyMap<string, string>): Provenance[number] => ({
  role: row.role,
  givenBy: {
    kind: row.givenByKind,
    id: row.givenById ?? null,
    displayName: names.get(row.givenById ?? '') ?? null,
  },
  right: row.byRight,
  partnerId: row.partnerId ?? null,
  at: row.givenAt.toISOString(),
  founding: row.founding,
  confirmedBy: row.confirmedById ? { id: row.confirmedById, displayName: names.get(row.confirmedById) ?? '' } : null,
  confirmedAt: row.confirmedAt?.toISOString() ?? null,
});

/** As far as the viewer sees these people and services. */
async function namesOf(em: EntityManager, ids: readonly (string | null | undefined)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null && id !== undefined))];
  if (wanted.length === 0) return new Map();
  const accounts = await em.find(Account, { id: { $in: wanted } });
  const keys = await em.find(ApiKey, { id: { $in: wanted } });
  return new Map([
    ...accounts.map(({ id, displayName }): [string, string] => [id, displayName]),
    ...keys.map(({ id, name }): [string, string] => [id, name]),
  ]);
}

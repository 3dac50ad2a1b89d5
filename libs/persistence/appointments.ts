import type { EntityManager } from '@mikro-orm/postgresql';
import type { Appointment } from '#access';

interface Row {
  id: string;
  membershipId: string;
  organizationId: string;
  accountId: string;
  founding: boolean;
  backedBy: string[];
  partnerIds: string[];
  ended: boolean;
}

/**
 * What the offices of home full administrators rest on, by membership: their own appointment first, then those of the
 * organization that may stand behind it, ended ones included. One statement for many memberships.
 */
export async function loadAppointments(
  em: EntityManager,
  memberships: readonly { id: string; organizationId: string }[],
): Promise<Map<string, Appointment[]>> {
  if (memberships.length === 0) return new Map();
  const rows = await em.execute<Row[]>(
    `select appointment.id, appointment.membership_id as "membershipId", appointment.founding,
            appointment.organization_id as "organizationId", appointment.account_id as "accountId",
            array_remove(array[appointment.backed_by_id, appointment.confirmed_by_appointment_id], null) as "backedBy",
            appointment.ended_at is not null as ended,
            array(select held.organization_id from membership held
                    join organization on organization.id = held.organization_id and organization.kind = 'partner'
                   where held.account_id = appointment.account_id and held.removed_at is null
                     and (held.until is null or held.until > clock_timestamp())) as "partnerIds"
       from role_appointment appointment
      where appointment.role = 'full_administrator' and appointment.organization_id in (?)
      order by appointment.id`,
    [[...new Set(memberships.map(({ organizationId }) => organizationId))]],
  );
  return new Map(
    memberships.map(({ id, organizationId }) => {
      const ofOrganization = rows.filter((row) => row.organizationId === organizationId);
      const own = ofOrganization.find((row) => row.membershipId === id && !row.ended);
      const others = ofOrganization.filter((row) => row !== own);
      return [id, own ? [own, ...others].map(appointmentOf) : []];
    }),
  );
}

const appointmentOf = ({ id, accountId, founding, backedBy, partnerIds }: Row): Appointment => ({
  id,
  accountId,
  founding,
  backedBy,
  partnerIds,
});

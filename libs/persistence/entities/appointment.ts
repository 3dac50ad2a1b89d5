import { defineEntity, p } from '@mikro-orm/postgresql';
import type { AdministratorRole } from '#access';
import { id, instant } from '../columns.ts';
import { inReach, isManaged, rowSecurity, standingReads } from '../tenancy.ts';
import { Membership } from './membership.ts';
import { Organization } from './organization.ts';

/** Who gave a role: `clock` stands for nobody, where a record from before appointments were kept does not tell. */
export type AppointingKind = 'account' | 'service' | 'support' | 'clock';

/**
 * The provenance of an administrator role: who gave it, by which right, for which partner, when, and who confirmed it.
 * A row outlives its role, since later appointments rest on it.
 */
const RoleAppointmentSchema = defineEntity({
  name: 'RoleAppointment',
  policies: [
    ...rowSecurity('role_appointment', inReach('organization_id'), isManaged('organization_id')),
    standingReads('role_appointment'),
  ],
  indexes: [
    { properties: ['membershipId'] },
    {
      name: 'role_appointment_full_administrators',
      expression:
        "create index role_appointment_full_administrators on role_appointment (organization_id) where role = 'full_administrator'",
    },
  ],
  uniques: [
    {
      name: 'role_appointment_one_live',
      expression:
        'create unique index role_appointment_one_live on role_appointment (membership_id, role) where ended_at is null',
    },
  ],
  properties: {
    id: id(),
    membershipId: () => p.manyToOne(Membership).mapToPk().name('membership_id'),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    accountId: p.uuid(),
    role: p.string().$type<AdministratorRole>(),
    givenByKind: p.string().$type<AppointingKind>(),
    /** Account or API key; null for the bootstrap support token and for nobody. */
    givenById: p.uuid().nullable(),
    /** The role, or `support`, `founding`, `service`, `unknown`, that the giver's right came from. */
    byRight: p.string(),
    /** The partner for which the giver acted. */
    partnerId: p.uuid().nullable(),
    /** By the first invite of the organization, while it had no other founding administrator. */
    founding: p.boolean().default(false),
    /** The giver's own appointment, where they gave as home full administrator. */
    backedById: p.uuid().nullable(),
    givenAt: instant(),
    confirmedById: p.uuid().nullable(),
    /** The own appointment of whoever confirmed. */
    confirmedByAppointmentId: p.uuid().nullable(),
    confirmedAt: instant().nullable(),
    endedAt: instant().nullable(),
  },
});
export class RoleAppointment extends RoleAppointmentSchema.class {}
RoleAppointmentSchema.setClass(RoleAppointment);

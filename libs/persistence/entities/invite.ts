import { defineEntity, p } from '@mikro-orm/postgresql';
import type { AdministratorRole, AppTray, WorkspaceRole } from '#access';
import { createdAt, id, instant } from '../columns.ts';
import { inReach, isManaged, rowSecurity } from '../tenancy.ts';
import type { MembershipScope } from './membership.ts';
import { Organization } from './organization.ts';

export type InviteStatus = 'pending' | 'accepted' | 'cancelled' | 'expired' | 'failed';

/** An invite carries everything the membership will have. */
const InviteSchema = defineEntity({
  name: 'Invite',
  policies: rowSecurity('invite', inReach('organization_id'), isManaged('organization_id')),
  indexes: [{ properties: ['organizationId', 'id'] }, { properties: ['organizationId', 'status', 'id'] }],
  uniques: [
    {
      name: 'invite_one_open',
      expression:
        "create unique index invite_one_open on invite (organization_id, person_key) where status in ('pending', 'failed')",
    },
  ],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    email: p.text(),
    /** The account's id where the address belongs to one, else the lower-case address: aliases are one person. */
    personKey: p.text(),
    displayName: p.text().nullable(),
    workspaceRole: p.string().$type<WorkspaceRole>().nullable(),
    administratorRoles: p.array().$type<AdministratorRole[]>().defaultRaw("'{}'"),
    scope: p.json<MembershipScope>().defaultRaw(`'{"kind":"client"}'`),
    appTray: p.json<AppTray>().defaultRaw(`'{"botBuilder":[],"applications":[]}'`),
    /** Null for the first person of an organization, whom the support team or the partner invites by creating it. */
    invitedById: p.uuid().nullable(),
    status: p.string().$type<InviteStatus>(),
    /** Resending counts it up, which makes a new link and voids the old one. */
    linkVersion: p.integer().default(1),
    /** When the present link was made; the reminder lies halfway between this and the deadline. */
    linkIssuedAt: createdAt(),
    tokenDigest: p.string().unique(),
    /** The link version the mails went out for; behind `linkVersion`, mails are due. */
    mailedVersion: p.integer().default(0),
    remindedAt: instant().nullable(),
    expiresAt: instant(),
    decidedAt: instant().nullable(),
    acceptedById: p.uuid().nullable(),
    failure: p.text().nullable(),
    failedAt: instant().nullable(),
    version: p.integer().version(),
    createdAt: createdAt(),
  },
});
export class Invite extends InviteSchema.class {}
InviteSchema.setClass(Invite);

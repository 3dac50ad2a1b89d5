import { defineEntity, p } from '@mikro-orm/postgresql';
import type { ApprovalStatus, ChangeKind } from '#access';
import type { UpdateOrganization } from '#contracts';
import { createdAt, id, instant } from '../columns.ts';
import { inContext, rowSecurity } from '../tenancy.ts';
import { Organization, type SingleSignOn } from './organization.ts';

/** What takes effect with the approval, and nothing before. */
export interface ProposedChange {
  memberId?: string;
  email?: string;
  displayName?: string;
  loginMethods?: ('sso' | 'password')[];
  sso?: SingleSignOn | null;
  domains?: string[];
  policy?: NonNullable<UpdateOrganization['policy']>;
  foreignSignIn?: boolean;
}

/** A proposal that changes who may decide, or how somebody signs in. */
const ChangeRequestSchema = defineEntity({
  name: 'ChangeRequest',
  policies: rowSecurity('change_request', inContext('organization_id', 'partner_id')),
  indexes: [
    { properties: ['organizationId', 'status'] },
    { properties: ['partnerId', 'status'] },
    { properties: ['requesterId'] },
  ],
  uniques: [
    {
      name: 'change_request_one_open',
      expression:
        "create unique index change_request_one_open on change_request (organization_id, kind, about) where status = 'pending'",
    },
  ],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    /** The partner that proposes; null where the organization's own people do. */
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id').nullable(),
    /** An account or an API key. */
    requesterId: p.uuid(),
    requesterKind: p.string().$type<'account' | 'service'>(),
    kind: p.string().$type<ChangeKind>(),
    /** What one open request is about: a person's address or membership, or the kind itself. */
    about: p.text(),
    change: p.json<ProposedChange>(),
    reason: p.text(),
    status: p.string().$type<ApprovalStatus>(),
    createdAt: createdAt(),
    decideBy: instant(),
    decidedAt: instant().nullable(),
    decidedById: p.uuid().nullable(),
    decisionReason: p.text().nullable(),
    unexpected: p.boolean().default(false),
    /** The invite that an agreed appointment of somebody new became. */
    inviteId: p.uuid().nullable().unique(),
    version: p.integer().version(),
  },
});
export class ChangeRequest extends ChangeRequestSchema.class {}
ChangeRequestSchema.setClass(ChangeRequest);

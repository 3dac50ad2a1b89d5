import type { MailKind, MailVariables } from './kinds.ts';

const url = 'https://countersign.example/elevations/01939f5a-7c00-7000-8000-000000000001';

const invite = {
  organizationName: 'Harbour Logistics',
  inviteeName: 'Jun Tanaka',
  inviterName: 'Maria Lindqvist',
  roles: 'Full access; Read-only administrator',
  expiresAt: '2026-11-29T09:30:00Z',
  url: 'https://countersign.example/invites/sample',
};
const elevation = { requesterName: 'Grace Park', partnerName: 'Northwind Services', customerName: 'Harbour Logistics' };
const elevationWithAddress = { ...elevation, requesterAddress: 'grace.park@northwind.example' };
const elevationRequest = {
  ...elevationWithAddress,
  reason: 'The desk phones in Hamburg stopped registering this morning.\nI need to correct the device settings.',
  ticket: 'INC-20417',
  durationSeconds: 3600,
  settings: 'Users and licences, devices, organization settings, app integrations',
  decideBy: '2026-11-22T10:30:00Z',
  secondsLeft: 3600,
  url,
};
const helpDeskSession = {
  holderName: 'Grace Park',
  partnerName: 'Northwind Services',
  customerName: 'Harbour Logistics',
};
const externalAdministrator = {
  requesterName: 'Tomás Rivera',
  partnerName: 'Blue Ridge Resellers',
  customerName: 'Harbour Logistics',
};
const externalAdministratorWithAddress = {
  ...externalAdministrator,
  requesterAddress: 'tomas.rivera@blueridge.example',
};
const externalAdministratorRequest = {
  ...externalAdministrator,
  reason: 'You ordered calling licences from us (order 88-1204). I would set them up for you.',
  decideBy: '2026-11-29T09:30:00Z',
  secondsLeft: 7 * 86_400,
  url,
};
const changeRequest = {
  proposerName: 'Tomás Rivera',
  proposingName: 'Blue Ridge Resellers',
  organizationName: 'Harbour Logistics',
  change: 'jun.tanaka@harbour.example as Full administrator',
  url,
};
const changeRequestAsked = {
  ...changeRequest,
  reason: 'Your present administrator leaves at the end of the month.',
  decideBy: '2026-11-29T09:30:00Z',
};
const denial = { deniedByName: 'Maria Lindqvist', reason: 'Please call us first.', url };
const revocation = {
  how: 'revoked' as const,
  endedByName: 'Maria Lindqvist',
  reason: 'The phones work again.',
  endedAt: '2026-11-22T10:05:00Z',
  url,
};
const requestedAt = '2026-11-22T09:30:00Z';

const samples: { [Kind in MailKind]: MailVariables<Kind> } = {
  'invite.activation': invite,
  'invite.welcome': invite,
  'invite.sign-up': invite,
  'invite.reminder': invite,
  'invite.failed': {
    organizationName: invite.organizationName,
    invitedAddress: 'jon.berg@harbour.example',
    failedAt: '2026-11-22T09:31:00Z',
    url,
  },
  'elevation.requested': elevationRequest,
  'elevation.reminder': elevationRequest,
  'elevation.approved': {
    ...elevation,
    approverName: 'Maria Lindqvist',
    durationSeconds: 3600,
    expiresAt: '2026-11-22T10:42:00Z',
    settings: elevationRequest.settings,
    url,
  },
  'elevation.denied': { ...elevation, ...denial },
  'elevation.expired': { ...elevation, expiredAt: elevationRequest.decideBy, url },
  'elevation.cancelled': { ...elevation, how: 'right_lost', cancelledAt: '2026-11-22T09:40:00Z', url },
  'elevation.ended': { ...elevation, ...revocation },
  'elevation.unexpected': { ...elevationWithAddress, ...denial, requestReason: elevationRequest.reason, requestedAt },
  'help-desk-session.opened': {
    ...helpDeskSession,
    holderAddress: 'grace.park@northwind.example',
    reason: 'Looking into the phone registrations reported in INC-20417.',
    expiresAt: '2026-11-22T10:30:00Z',
    url,
  },
  'help-desk-session.ended': { ...helpDeskSession, how: 'expired', endedAt: '2026-11-22T10:30:00Z', url },
  'external-administrator.requested': externalAdministratorRequest,
  'external-administrator.reminder': externalAdministratorRequest,
  'external-administrator.approved': {
    ...externalAdministrator,
    approverName: 'Maria Lindqvist',
    role: 'Read-only administrator',
    until: '2027-02-28T23:00:00Z',
    url,
  },
  'external-administrator.denied': { ...externalAdministrator, ...denial },
  'external-administrator.expired': { ...externalAdministrator, expiredAt: externalAdministratorRequest.decideBy, url },
  'external-administrator.cancelled': { ...externalAdministrator, cancelledAt: '2026-11-23T08:00:00Z', url },
  'external-administrator.attached': {
    ...externalAdministratorWithAddress,
    role: 'Provisioning administrator',
    attachedAt: '2026-11-22T09:30:00Z',
    url,
  },
  'external-administrator.ended': { ...externalAdministrator, ...revocation, reason: null },
  'external-administrator.unexpected': {
    ...externalAdministratorWithAddress,
    ...denial,
    reason: null,
    requestReason: externalAdministratorRequest.reason,
    requestedAt,
  },
  'change-request.requested': changeRequestAsked,
  'change-request.reminder': changeRequestAsked,
  'change-request.approved': { ...changeRequest, approverName: 'Maria Lindqvist' },
  'change-request.denied': { ...changeRequest, ...denial },
  'change-request.expired': { ...changeRequest, expiredAt: changeRequestAsked.decideBy },
  'change-request.cancelled': { ...changeRequest, cancelledAt: '2026-11-23T08:00:00Z' },
  'change-request.unexpected': { ...changeRequest, ...denial, requestReason: changeRequestAsked.reason },
  'password.reset': {
    expiresAt: '2026-11-22T10:30:00Z',
    answer: 'link',
    url: 'https://countersign.example/password/sample',
  },
  'password.changed': { changedAt: '2026-11-22T09:30:00Z', url: 'https://countersign.example/password/forgotten' },
  'account.address-change': {
    displayName: 'Grace Hopper',
    newAddress: 'grace.hopper@northwind.example',
    side: 'new',
    expiresAt: '2026-11-23T09:30:00Z',
    url: 'https://countersign.example/account/address/sample',
  },
  'account.address-changed': {
    displayName: 'Grace Hopper',
    newAddress: 'grace.hopper@northwind.example',
    changedAt: '2026-11-22T09:30:00Z',
    url: 'https://countersign.example/account',
  },
  'membership.roles-changed': {
    organizationName: 'Harbour Logistics',
    changedByName: 'Maria Lindqvist',
    before: 'Limited access',
    after: 'Full access; Device administrator',
    changedAt: '2026-11-22T09:30:00Z',
    url,
  },
  'membership.full-administrators-changed': {
    organizationName: 'Harbour Logistics',
    memberName: 'Jonas Weber',
    memberAddress: 'jonas@harbour.example',
    happened: 'is now a full administrator',
    changedByName: 'Grace Okafor',
    right: 'for the partner Northwind Services',
    changedAt: '2026-11-22T09:30:00Z',
    url,
  },
  'support-action.proposed': {
    organizationName: 'Harbour Logistics',
    actorName: 'Ada Brandt',
    act: 'bring in the partner Northwind Services',
    reason: 'Contract 2026-118',
    at: '2026-11-22T09:30:00Z',
    url,
  },
  'support-action.confirmed': {
    organizationName: 'Harbour Logistics',
    actorName: 'Ada Brandt',
    act: 'bring in the partner Northwind Services',
    reason: 'Contract 2026-118',
    at: '2026-11-22T09:30:00Z',
    url,
  },
  'single-sign-on.link': {
    organizationName: 'Harbour Logistics',
    expiresAt: '2026-11-22T10:30:00Z',
    url: 'https://countersign.example/sso/harbour/start?link=sample',
  },
  'organization.authentication-changed': {
    organizationName: 'Harbour Logistics',
    changedByName: 'Maria Lindqvist',
    loginMethods: 'Single sign-on; password',
    issuer: 'https://login.harbour.example',
    changedAt: '2026-11-22T10:05:00Z',
    url,
  },
  'organization.connection-ended': {
    organizationName: 'Harbour Logistics',
    what: 'The API key Provisioning',
    because: 'the relationship that it came by has ended',
    endedAt: '2026-11-22T10:05:00Z',
    url,
  },
  'organization.directory-token-changed': {
    organizationName: 'Harbour Logistics',
    changedByName: 'Maria Lindqvist',
    happening: 'made',
    tokenName: 'Entra ID',
    changedAt: '2026-11-22T10:05:00Z',
    url,
  },
  'external-administrator.ends-soon': {
    requesterName: 'Grace Park',
    partnerName: 'Northwind IT',
    customerName: 'Harbour Logistics',
    role: 'Full administrator',
    secondsLeft: 604800,
    until: '2026-11-29T10:05:00Z',
    url,
  },
  'relationship.ends-soon': {
    partnerName: 'Northwind IT',
    customerName: 'Harbour Logistics',
    secondsLeft: 604800,
    endsAt: '2026-11-29T10:05:00Z',
    lastUse: 'Grace Park on 20 Nov 2026',
    url,
  },
  'relationship.ended': {
    partnerName: 'Northwind IT',
    customerName: 'Harbour Logistics',
    endedAt: '2026-11-29T10:05:00Z',
    url,
  },
  'membership.removed': {
    organizationName: 'Harbour Logistics',
    removedByName: 'Maria Lindqvist',
    reason: null,
    removedAt: '2026-11-22T09:30:00Z',
  },
};

/** Made-up variables of one kind, for the preview page of a development server and for the tests. */
export function sampleMail<Kind extends MailKind>(kind: Kind): MailVariables<Kind> {
  return samples[kind];
}

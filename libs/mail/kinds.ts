import { z } from 'zod';
import { singleMailbox } from './single-mailbox.ts';

/**
 * What each mail may say: one strict schema per kind. Only flat values, so that no entity, and with it no field that
 * nobody meant to send, can reach a template. An unknown or missing variable is an error at rendering.
 *
 * A new kind is its variables here, a sample in sample-mail.ts and a folder `templates/<kind>` with subject.hbs, text.hbs and html.mjml.
 */

/** Text that a person wrote: never refused for its content or length, since a long name must not stop a notice. */
const name = z.string();
const writtenText = z.string();
/** A sentence or list of ours, such as role or setting names in words. */
const words = z.string();
/** Already checked where it was accepted; here it only has to be one mailbox and nothing else. */
const address = z.string().max(320).regex(singleMailbox, 'not a single mail address');
const instant = z.iso.datetime({ offset: true });
const seconds = z.number().int().positive();
const webAddress = z
  .url({ protocol: /^https?$/ })
  .refine((value) => !/\s|["'<>\\]/u.test(value), 'a link contains no blanks or quotes')
  .refine((value) => {
    const parsed = URL.canParse(value) ? new URL(value) : null;
    return parsed !== null && parsed.username === '' && parsed.password === '';
  }, 'a link carries no credentials');

/** Handlebars in strict mode needs the key, so what is absent becomes null. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);

/** The states a grant can end in; the same words as the grant's own status. */
export const grantEndings = ['expired', 'revoked', 'returned', 'superseded', 'ended'] as const;
export type GrantEnding = (typeof grantEndings)[number];

const invite = {
  organizationName: name,
  inviteeName: optional(name),
  inviterName: name,
  roles: words,
  expiresAt: instant,
  url: webAddress,
};

const request = { requesterName: name, partnerName: name, customerName: name };
const requestWithAddress = { ...request, requesterAddress: address };
const elevationRequest = {
  ...requestWithAddress,
  reason: writtenText,
  ticket: optional(writtenText),
  durationSeconds: seconds,
  settings: words,
  decideBy: instant,
  secondsLeft: seconds,
  url: webAddress,
};

const helpDeskSession = { holderName: name, partnerName: name, customerName: name };

/** Without the address: the approver asks for it elsewhere and types it. */
const externalAdministratorRequest = {
  ...request,
  reason: writtenText,
  decideBy: instant,
  secondsLeft: seconds,
  url: webAddress,
};

const changeRequest = {
  proposerName: name,
  /** The partner, or the organization itself where its own people propose. */
  proposingName: name,
  organizationName: name,
  change: words,
  url: webAddress,
};
const changeRequestAsked = { ...changeRequest, reason: writtenText, decideBy: instant };

const denial = { deniedByName: name, reason: optional(writtenText), url: webAddress };
const ending = {
  how: z.enum(grantEndings),
  endedByName: optional(name),
  reason: optional(writtenText),
  endedAt: instant,
  url: webAddress,
};
/** What the support team does in an organization takes two of them. */
const supportAction = {
  organizationName: name,
  actorName: name,
  act: words,
  reason: writtenText,
  at: instant,
  url: webAddress,
};
/** `requestReason` is what the requester wrote, `reason` what the person who denied wrote. */
const unexpected = { ...denial, requestReason: writtenText, requestedAt: instant };

export const mailVariables = {
  'invite.activation': z.strictObject(invite),
  'invite.welcome': z.strictObject(invite),
  'invite.sign-up': z.strictObject(invite),
  'invite.reminder': z.strictObject(invite),
  'invite.failed': z.strictObject({
    organizationName: name,
    invitedAddress: address,
    failedAt: instant,
    url: webAddress,
  }),

  'elevation.requested': z.strictObject(elevationRequest),
  'elevation.reminder': z.strictObject(elevationRequest),
  'elevation.approved': z.strictObject({
    ...request,
    approverName: name,
    durationSeconds: seconds,
    expiresAt: instant,
    settings: words,
    url: webAddress,
  }),
  'elevation.denied': z.strictObject({ ...request, ...denial }),
  'elevation.expired': z.strictObject({ ...request, expiredAt: instant, url: webAddress }),
  'elevation.cancelled': z.strictObject({
    ...request,
    /** By the requester, or because a right that the request stood on was lost. */
    how: z.enum(['withdrawn', 'right_lost']),
    cancelledAt: instant,
    url: webAddress,
  }),
  'elevation.ended': z.strictObject({ ...request, ...ending }),
  'elevation.unexpected': z.strictObject({ ...requestWithAddress, ...unexpected }),

  'help-desk-session.opened': z.strictObject({
    ...helpDeskSession,
    holderAddress: address,
    reason: writtenText,
    expiresAt: instant,
    url: webAddress,
  }),
  'help-desk-session.ended': z.strictObject({ ...helpDeskSession, ...ending }),

  'external-administrator.requested': z.strictObject(externalAdministratorRequest),
  'external-administrator.reminder': z.strictObject(externalAdministratorRequest),
  'external-administrator.approved': z.strictObject({
    ...request,
    approverName: name,
    role: words,
    until: optional(instant),
    url: webAddress,
  }),
  'external-administrator.denied': z.strictObject({ ...request, ...denial }),
  'external-administrator.expired': z.strictObject({ ...request, expiredAt: instant, url: webAddress }),
  'external-administrator.cancelled': z.strictObject({
    ...request,
    cancelledAt: instant,
    url: webAddress,
  }),
  'external-administrator.attached': z.strictObject({
    ...requestWithAddress,
    role: words,
    attachedAt: instant,
    url: webAddress,
  }),
  'external-administrator.ended': z.strictObject({ ...request, ...ending }),
  'external-administrator.unexpected': z.strictObject({ ...requestWithAddress, ...unexpected }),

  'change-request.requested': z.strictObject(changeRequestAsked),
  'change-request.reminder': z.strictObject(changeRequestAsked),
  'change-request.approved': z.strictObject({ ...changeRequest, approverName: name }),
  'change-request.denied': z.strictObject({ ...changeRequest, ...denial }),
  'change-request.expired': z.strictObject({ ...changeRequest, expiredAt: instant }),
  'change-request.cancelled': z.strictObject({ ...changeRequest, cancelledAt: instant }),
  'change-request.unexpected': z.strictObject({ ...changeRequest, ...denial, requestReason: writtenText }),

  'password.reset': z.strictObject({
    expiresAt: instant,
    /** A link that sets a password, or how else to come in. */
    answer: z.enum(['link', 'ways_in']),
    /** Whose single sign-on lets the person in, where no password does. */
    organizations: optional(words),
    /** Whose open invite the mail's link leads to, where the address has no account. */
    inviting: optional(words),
    /** Where the address is known, and lets nobody in by itself. */
    knownAt: optional(words),
    /** Whose word makes the account that of the mailbox, until the link is used. */
    linkFor: optional(name),
    url: webAddress,
  }),
  'password.changed': z.strictObject({ changedAt: instant, url: webAddress }),

  'account.address-change': z.strictObject({
    displayName: name,
    newAddress: address,
    /** Whether it goes to the mailbox that is or to the one that will be. */
    side: z.enum(['old', 'new']),
    expiresAt: instant,
    url: webAddress,
  }),
  'account.address-changed': z.strictObject({
    displayName: name,
    newAddress: address,
    changedAt: instant,
    url: webAddress,
  }),

  'single-sign-on.link': z.strictObject({ organizationName: name, expiresAt: instant, url: webAddress }),
  'organization.authentication-changed': z.strictObject({
    organizationName: name,
    changedByName: name,
    loginMethods: words,
    issuer: name,
    changedAt: instant,
    url: webAddress,
  }),

  'organization.directory-token-changed': z.strictObject({
    organizationName: name,
    changedByName: name,
    happening: words,
    tokenName: name,
    changedAt: instant,
    url: webAddress,
  }),
  'organization.connection-ended': z.strictObject({
    organizationName: name,
    /** A key, a webhook or an invite, with its name. */
    what: name,
    /** As the rest of a sentence. */
    because: words,
    endedAt: instant,
    url: webAddress,
  }),

  'external-administrator.ends-soon': z.strictObject({
    ...request,
    role: words,
    secondsLeft: seconds,
    until: instant,
    url: webAddress,
  }),
  'relationship.ends-soon': z.strictObject({
    partnerName: name,
    customerName: name,
    secondsLeft: seconds,
    endsAt: instant,
    /** Who of the partner last made use of an access there, and when, as a sentence. */
    lastUse: words,
    url: webAddress,
  }),
  'relationship.ended': z.strictObject({
    partnerName: name,
    customerName: name,
    endedAt: instant,
    url: webAddress,
  }),

  'membership.roles-changed': z.strictObject({
    organizationName: name,
    changedByName: name,
    before: words,
    after: words,
    changedAt: instant,
    url: webAddress,
  }),
  'membership.full-administrators-changed': z.strictObject({
    organizationName: name,
    memberName: name,
    memberAddress: address,
    /** What happened to the member, as the rest of a sentence. */
    happened: words,
    changedByName: name,
    /** For whom the role was given, where it was not by an administrator of the organization's own. */
    right: optional(words),
    changedAt: instant,
    url: webAddress,
  }),
  'support-action.proposed': z.strictObject(supportAction),
  'support-action.confirmed': z.strictObject(supportAction),
  'membership.removed': z.strictObject({
    organizationName: name,
    removedByName: name,
    reason: optional(writtenText),
    removedAt: instant,
  }),
} as const;

export type MailKind = keyof typeof mailVariables;

/** What a caller hands in; optional variables may be left out or null. */
export type MailVariables<Kind extends MailKind> = z.input<(typeof mailVariables)[Kind]>;

const isMailKind = (text: string): text is MailKind => Object.hasOwn(mailVariables, text);

export const mailKinds: MailKind[] = Object.keys(mailVariables).filter(isMailKind);

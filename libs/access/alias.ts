/** Domain 1: further addresses of a person, given by administrators of an organization the person belongs to. */
import { access, permits } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { allowed, anyRuling, refused, rulingOf } from './ruling.ts';
import { within } from './scope.ts';
import type { Ruling, Scope, Subject, TargetMember, TargetOrganization } from './subject.ts';

const code = 'may_not_change_aliases';

/**
 * Whoever may change the users of the organization. An alias is a way to sign in, so what the member is must not be
 * above the one who gives it: an Owner's aliases are an Owner's to change, an administrator's theirs who assign roles.
 */
export function mayChangeAliases(
  subject: Subject,
  target: TargetOrganization,
  { membership }: Pick<TargetMember, 'membership'>,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const there = within(subject, target.id, membership.scope);
  const of = (setting: string) => access(there, target, setting, now, matrices);
  const reaches =
    (membership.workspaceRole !== 'owner' || permits(of('workspace.give_owner'), 'use')) &&
    (membership.administratorRoles.length === 0 || permits(of('assign_administrator_roles'), 'write'));
  const right = mayChangeUsers(there, target, now, matrices);
  return right.allowed && !reaches ? refused(code) : right;
}

/** Seeing the aliases of members: the same people, and each their own. */
export const maySeeAliases = (
  subject: Subject,
  target: TargetOrganization,
  { accountId, scope }: { accountId: string; scope: Scope },
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling =>
  subject.accountId === accountId
    ? allowed('self')
    : mayChangeUsers(within(subject, target.id, scope), target, now, matrices);

function mayChangeUsers(subject: Subject, target: TargetOrganization, now: Date, matrices: Matrices): Ruling {
  return anyRuling(rulingOf(access(subject, target, 'users.details', now, matrices), 'write', code), () =>
    rulingOf(access(subject, target, 'workspace.invite_users', now, matrices), 'use', code),
  );
}

/** An address as far as the rules look at it. */
export interface KnownAddress {
  /** When a mail to it was answered. */
  verifiedAt?: Date | null | undefined;
  /** Whose word it is until then. */
  givenByOrganizationId?: string | null | undefined;
}

/** Proven by a mail to it: what an administrator or an identity provider says of an address proves it to nobody else. */
export const isProven = ({ verifiedAt }: KnownAddress): boolean => verifiedAt !== null && verifiedAt !== undefined;

/** Whether the organization takes the address for that person's; an unproven one is its own word, good there alone. */
export const standsForPerson = (address: KnownAddress, organizationId: string): boolean =>
  isProven(address) || address.givenByOrganizationId === organizationId;

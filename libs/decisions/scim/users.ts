import { isDeepStrictEqual } from 'node:util';
import { addressOf, normalizeAddress, Refusal, type ScimUserInput } from '#contracts';
import { ScimUser, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { holdToken, type Directory } from './directory.ts';
import { deprovision, provision, withdrawInvite } from './provision.ts';

/** A directory names a person. Nobody is a member by that: an active one is invited, or was a member before. */
export async function createScimUser(
  decision: Decision,
  directory: Directory,
  input: ScimUserInput,
): Promise<ScimUser> {
  const { em } = decision;
  const token = await holdToken(decision, directory);
  const now = await decision.now();
  const { organizationId } = directory;
  await requireFree(em, organizationId, input);
  const user = em.create(ScimUser, { organizationId, ...valuesOf(input, true), createdAt: now, changedAt: now });
  await em.flush();
  record(decision, user, 'scim-user.created', now);
  if (user.active) await provision(decision, token, user, now);
  await em.flush();
  return user;
}

/**
 * What the directory says of the person from now on. Inactive ends what they have in the organization, in this
 * transaction; active again is a new invite.
 */
export async function replaceScimUser(
  decision: Decision,
  directory: Directory,
  userId: string,
  /** Told how the user stands, once it is held. */
  inputOf: (present: ScimUser) => ScimUserInput,
  precondition: Precondition = unconditionally,
): Promise<ScimUser> {
  const { em } = decision;
  const token = await holdToken(decision, directory);
  const user = await openUser(decision, directory, userId, precondition);
  const input = inputOf(user);
  const now = await decision.now();
  await requireFree(em, directory.organizationId, input, user.id);
  const { active: wasActive, address: before } = user;
  // Left out, it stays: nobody comes back by what was not said.
  const values = valuesOf(input, user.active);
  const isChanged = changes(user, values);
  // Deprovisioning looks for the person by what was said before.
  if (!values.active) await deprovision(decision, user, now);
  else if (before !== values.address && !user.accountId) await withdrawInvite(decision, user, now);
  em.assign(user, { ...values, ...(isChanged && { edition: user.edition + 1, changedAt: now }) });
  await em.flush();
  if (isChanged) record(decision, user, 'scim-user.changed', now);
  if (values.active) await provision(decision, token, user, now, { anew: !wasActive || before !== values.address });
  await em.flush();
  return user;
}

/** The directory forgets the person: what they have in the organization ends, and so does what it said of them. */
export async function deleteScimUser(
  decision: Decision,
  directory: Directory,
  userId: string,
  precondition: Precondition = unconditionally,
): Promise<void> {
  await holdToken(decision, directory);
  const user = await openUser(decision, directory, userId, precondition);
  const now = await decision.now();
  await deprovision(decision, user, now);
  decision.em.remove(user);
  record(decision, user, 'scim-user.deleted', now);
}

async function openUser(
  { em }: Decision,
  { organizationId }: Directory,
  userId: string,
  precondition: Precondition,
): Promise<ScimUser> {
  const user = await lockRow(em, ScimUser, { id: userId, organizationId });
  if (!user) throw new Refusal('not_found');
  await precondition(async () => user);
  return user;
}

type Values = ReturnType<typeof valuesOf>;

function valuesOf(input: ScimUserInput, active: boolean) {
  return {
    userName: input.userName,
    userKey: input.userName.toLowerCase(),
    externalId: input.externalId ?? null,
    displayName: input.displayName ?? null,
    name: input.name,
    emails: input.emails,
    address: normalizeAddress(addressOf(input)),
    active: input.active ?? active,
  };
}

const changes = (user: ScimUser, values: Values): boolean =>
  Object.entries(values).some(
    ([name, value]) => !isDeepStrictEqual(asStored(value), asStored(user[name as keyof Values] ?? null)),
  );

/** Without what is undefined, which no JSON keeps. */
const asStored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Among the people of the same directory; who is known elsewhere makes no difference. */
async function requireFree(
  em: EntityManager,
  organizationId: string,
  input: ScimUserInput,
  except?: string,
): Promise<void> {
  const { userKey, address } = valuesOf(input, true);
  const others = { organizationId, ...(except && { id: { $ne: except } }) };
  if ((await em.count(ScimUser, { ...others, userKey })) > 0) throw new Refusal('username_taken');
  if ((await em.count(ScimUser, { ...others, address })) > 0) throw new Refusal('address_taken');
}

function record(decision: Decision, user: ScimUser, action: string, now: Date): void {
  decision.record({
    action,
    by: 'directory',
    organizationIds: [user.organizationId],
    subject: { kind: 'scim-user', id: user.id },
    facts: { active: user.active },
    personal: { names: { [user.id]: user.displayName ?? user.userName } },
    at: now,
  });
}

import {
  administratorsToTell,
  isEligibleExternalAdministratorApprover,
  type ExternalAdministratorParties,
} from '#access';
import { normalizeAddress } from '#contracts';
import { Address, loadSubjects, Membership, type EntityManager, type ExternalAdministratorRequest } from '#persistence';
import { externalAdministratorPartiesOf } from './find.ts';

/** The customer's administrators who are told of the request: the addressed one and at most five, oldest first. */
export async function administratorsToldOf(
  em: EntityManager,
  request: ExternalAdministratorRequest,
  now: Date,
): Promise<string[]> {
  const eligible = await eligibleAdministrators(em, externalAdministratorPartiesOf(request), now);
  const addressed = request.addressedTo
    ? await em.findOne(Address, { address: normalizeAddress(request.addressedTo) })
    : null;
  return administratorsToTell(eligible, addressed?.accountId ?? null);
}

async function eligibleAdministrators(
  em: EntityManager,
  parties: ExternalAdministratorParties,
  now: Date,
): Promise<string[]> {
  if (parties.customerId === null) return [];
  const candidates = await em.find(
    Membership,
    {
      organizationId: parties.customerId,
      kind: 'home',
      removedAt: null,
      administratorRoles: { $contains: ['full_administrator'] },
    },
    { orderBy: { id: 'asc' } },
  );
  const subjects = await loadSubjects(
    em,
    candidates.map((candidate) => candidate.accountId),
  );
  return subjects
    .filter((subject) => isEligibleExternalAdministratorApprover(subject, parties, parties.customerId, now).allowed)
    .map((subject) => subject.accountId);
}

import { administratorsToTell, mayDecide, standsForPerson } from '#access';
import { normalizeAddress } from '#contracts';
import { Address, type EntityManager, type ExternalAdministratorRequest } from '#persistence';
import { eligibleApprovers } from '../approval/approvers.ts';
import { partiesOfRequest } from './parties.ts';

/** The customer's administrators who are told of the request: the addressed one and at most five, oldest first. */
export async function administratorsToldOf(
  em: EntityManager,
  request: ExternalAdministratorRequest,
  now: Date,
): Promise<string[]> {
  const eligible = await eligibleApprovers(em, { mayDecide }, partiesOfRequest(request), now);
  const { customerId } = request;
  const addresses = request.addressedTo
    ? await em.find(Address, { address: normalizeAddress(request.addressedTo) })
    : [];
  const addressed = addresses.find((one) => typeof customerId === 'string' && standsForPerson(one, customerId));
  return administratorsToTell(
    eligible.map(({ id }) => id),
    addressed?.accountId ?? null,
  );
}

import { administratorsToTell, mayDecide } from '#access';
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
  const addressed = request.addressedTo
    ? await em.findOne(Address, { address: normalizeAddress(request.addressedTo) })
    : null;
  return administratorsToTell(
    eligible.map(({ id }) => id),
    addressed?.accountId ?? null,
  );
}

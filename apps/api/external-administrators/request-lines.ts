import { listExternalAdministratorRequests } from '#decisions';
import type { Lines } from '../approvals/line.ts';
import { storyOf, timelineOf } from './request-story.ts';

export const externalAdministratorLines: Lines = async (em, viewer, { organizationId, ...query }) => {
  const named = organizationId && { customerId: organizationId };
  const { items } = await listExternalAdministratorRequests(em, viewer, { ...query, ...named });
  return items.map((item) => ({
    ...item,
    href: `/external-administrator-requests/${item.id}`,
    parties: { requesterId: item.requester.id, partnerId: item.partnerId, organizationId: item.customerId },
    asks: 'asks to administer',
    // Before an approval the partner's side is not told whether there is such a customer.
    about: item.customerName ?? item.customerDomain ?? 'a customer',
    terms: '',
    asked: 'to administer it',
    badge: storyOf(item, false).badge,
    timeline: timelineOf(item),
  }));
};

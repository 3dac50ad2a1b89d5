import { listElevations } from '#decisions';
import { readableDuration } from '#mail';
import type { Lines } from '../approvals/line.ts';
import { storyOf, timelineOf } from './elevation-story.ts';

export const elevationLines: Lines = async (em, viewer, { organizationId, ...query }) => {
  const { items } = await listElevations(em, viewer, {
    ...query,
    ...(organizationId && { customerId: organizationId }),
  });
  return items.map((item) => ({
    ...item,
    href: `/elevations/${item.id}`,
    parties: { requesterId: item.requester.id, partnerId: item.partnerId, organizationId: item.customerId },
    asks: 'asks for access to',
    about: item.customerName,
    terms: ` for ${readableDuration(item.durationSeconds)}`,
    asked: `access for ${readableDuration(item.durationSeconds)}`,
    badge: storyOf(item, 'observer', null).badge,
    timeline: timelineOf(item),
  }));
};

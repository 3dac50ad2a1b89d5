import { approvalStatuses } from '#access';
import type { ElevationView } from '#contracts';
import type { EarlierRequests } from '#decisions';
import { readableMinute } from '../console/words.ts';

/** How the viewer stands to the request. */
export type Relation = 'requester' | 'decider' | 'observer';

export interface Story {
  heading: string;
  lead: string;
  /** The state in one word, and its colour. */
  badge: { text: string; tone: 'pending' | 'good' | 'bad' | 'over' };
}

/** Access the requester has already while this asks for more time; null where there is none. */
type StandingGrant = { expiresAt: Date } | null;

type Teller = (view: ElevationView, relation: Relation, standing: StandingGrant) => Story;

const causes: Readonly<Record<string, string>> = {
  role_lost: 'the requester no longer has the help-desk role',
  membership_removed: 'the requester no longer works for the partner',
  account_removed: 'the requester’s account was removed',
  relationship_ended: 'the partner no longer manages this organization',
  assignment_lost: 'the customer is no longer assigned to the requester',
};

const because = (cause: string | null) => (cause && causes[cause] ? `: ${causes[cause]}` : '');
const decider = ({ decidedBy }: ElevationView) => decidedBy?.displayName ?? 'An administrator';

const pending: Readonly<Record<Relation, Teller>> = {
  requester: ({ customerName, notifications }, _relation, standing) => ({
    heading: `Waiting for ${customerName} to decide`,
    lead: `${standing ? 'The access you have goes on until its end. ' : ''}${notifications.undeliverable > 0 ? 'Your request is open.' : 'The administrators have your request.'} This page changes as soon as one of them decides.`,
    badge: { text: 'Waiting', tone: 'pending' },
  }),
  decider: ({ requester, customerName }, _relation, standing) => ({
    heading: `${requester.displayName} asks for ${standing ? 'more time in' : 'access to'} ${customerName}`,
    lead: standing
      ? `${requester.displayName} has access already, until ${readableMinute(standing.expiresAt.toISOString())}; it ends then whatever you decide, unless you grant more time. Read why, then decide.`
      : 'Nothing is open yet. Read who asks and why, then decide.',
    badge: { text: 'Waiting for you', tone: 'pending' },
  }),
  observer: ({ requester, customerName }, _relation, standing) => ({
    heading: `${requester.displayName} asks for ${standing ? 'more time in' : 'access to'} ${customerName}`,
    lead: 'A full administrator of the organization decides. You may read this request.',
    badge: { text: 'Waiting', tone: 'pending' },
  }),
};

const over = (text: string): Story['badge'] => ({ text, tone: 'over' });

const granted: Readonly<Record<NonNullable<ElevationView['grant']>['status'], Teller>> = {
  active: ({ requester, customerName }, relation) => ({
    heading:
      relation === 'requester'
        ? `You have access to ${customerName}`
        : `${requester.displayName} has access to ${customerName}`,
    lead:
      relation === 'requester'
        ? 'The access ends by itself. Give it back when you are done before that.'
        : 'The access ends by itself. A full administrator can end it at any time.',
    badge: { text: 'Access is open', tone: 'good' },
  }),
  expired: ({ requester }) => ({
    heading: 'This access is over',
    lead: `The time that was granted has passed. ${requester.displayName} can no longer change anything.`,
    badge: over('Over'),
  }),
  revoked: ({ grant }) => ({
    heading: 'This access was ended by an administrator',
    lead: grant?.endReason ? `The reason given: ${grant.endReason}` : 'No reason was given.',
    badge: over('Ended early'),
  }),
  returned: ({ requester }) => ({
    heading: `${requester.displayName} gave the access back`,
    lead: 'It was no longer needed and ended before its time.',
    badge: over('Given back'),
  }),
  superseded: () => ({
    heading: 'A newer access took the place of this one',
    lead: 'More time was asked for and granted. This access ended when the new one began; the times do not add up.',
    badge: over('Replaced'),
  }),
  ended: ({ grant }) => ({
    heading: 'This access ended early by itself',
    lead: `What it was based on is gone${because(grant?.endReason ?? null)}.`,
    badge: over('Ended early'),
  }),
};

const closed: Readonly<Record<Exclude<ElevationView['status'], 'pending' | 'approved'>, Teller>> = {
  denied: (view) => ({
    heading: `${decider(view)} denied this request`,
    lead: view.unexpected
      ? 'Nobody got access. The request was unexpected, and the administrators of both sides were told.'
      : 'Nobody got access.',
    badge: { text: 'Denied', tone: 'bad' },
  }),
  cancelled: (view) => ({
    heading: 'This request was withdrawn',
    lead: view.decidedBy
      ? `${decider(view)} no longer needs the access. There is nothing to decide.`
      : `There is nothing to decide any more${because(view.decisionReason)}.`,
    badge: over('Withdrawn'),
  }),
  expired: ({ requester }, relation) => ({
    heading: 'Nobody decided in time',
    lead:
      relation === 'requester'
        ? 'The request has expired and gave no access. Ask again if you still need it.'
        : `The request has expired and gave no access. ${requester.displayName} can ask again.`,
    badge: over('Expired'),
  }),
};

/** What there is to say about an elevation in each of its states. */
export function storyOf(view: ElevationView, relation: Relation, standing: StandingGrant): Story {
  if (view.status === 'pending') return pending[relation](view, relation, standing);
  if (view.status === 'approved') return granted[view.grant?.status ?? 'expired'](view, relation, standing);
  return closed[view.status](view, relation, standing);
}

const outcomes: Readonly<Record<ElevationView['status'], string>> = {
  approved: 'granted',
  denied: 'denied',
  cancelled: 'withdrawn',
  expired: 'not decided in time',
  pending: 'open',
};

/** What became of the requester's earlier requests: `Asked 3 times before: 2 granted, 1 denied`. */
export function earlierInWords({ total, byStatus }: EarlierRequests): string {
  if (total === 0) return 'Never asked here before';
  const parts = approvalStatuses.flatMap((status) =>
    byStatus[status] ? [`${byStatus[status]} ${outcomes[status]}`] : [],
  );
  return `Asked ${total === 1 ? 'once' : `${total} times`} before: ${parts.join(', ')}`;
}

export interface Step {
  text: string;
  at: string;
}

const endings: Readonly<Record<string, string>> = {
  expired: 'The time was over',
  revoked: 'Ended by an administrator',
  returned: 'Given back by the requester',
  superseded: 'Replaced by a newer access',
  ended: 'Ended by itself',
};

const decisions: Readonly<Record<string, (view: ElevationView) => string>> = {
  approved: (view) => `Granted by ${decider(view)}`,
  denied: (view) => `Denied by ${decider(view)}`,
  cancelled: () => 'Withdrawn',
  expired: () => 'Expired without a decision',
};

/** The path of the request so far, oldest first. */
export function timelineOf(view: ElevationView): Step[] {
  const decided = decisions[view.status];
  const { grant } = view;
  return [
    { text: `Asked by ${view.requester.displayName}`, at: view.createdAt },
    ...(view.seenAt ? [{ text: 'Opened by an administrator', at: view.seenAt }] : []),
    ...(decided && view.decidedAt ? [{ text: decided(view), at: view.decidedAt }] : []),
    ...(grant?.usedAt ? [{ text: 'Access used for the first time', at: grant.usedAt }] : []),
    ...(grant?.endedAt ? [{ text: endings[grant.status] ?? 'Ended', at: grant.endedAt }] : []),
  ];
}

import type { ExternalAdministratorRequestView } from '#contracts';

export interface RequestStory {
  heading: string;
  lead: string;
  /** The state in a few words, and its colour. */
  badge: { text: string; tone: 'pending' | 'good' | 'bad' | 'over' };
}

type View = ExternalAdministratorRequestView;
type Teller = (view: View, isRequester: boolean) => RequestStory;

/** The customer as far as the viewer may know it. */
export const customerOf = ({ customerName, customerDomain }: View): string =>
  customerName ?? customerDomain ?? 'the customer';

const over = (text: string): RequestStory['badge'] => ({ text, tone: 'over' });

const pending: Teller = (view, isRequester) =>
  isRequester
    ? {
        heading: `Waiting for ${customerOf(view)} to decide`,
        lead: 'Its administrators decide, where there is such a customer. You get a mail when they have, or when the time is over.',
        badge: { text: 'Waiting', tone: 'pending' },
      }
    : {
        heading: `${view.requester.displayName} asks to administer ${customerOf(view)}`,
        lead: 'This is not for an hour: whoever is approved stays an administrator until removed, or until a day you set.',
        badge: { text: view.availableRoles.length > 0 ? 'Waiting for you' : 'Waiting', tone: 'pending' },
      };

const approved: Teller = (view, isRequester) => {
  const isActive = view.access?.status === 'active';
  const who = isRequester ? 'You' : view.requester.displayName;
  const verb = isRequester
    ? isActive
      ? 'administer'
      : 'no longer administer'
    : isActive
      ? 'administers'
      : 'no longer administers';
  return {
    heading: `${who} ${verb} ${customerOf(view)}`,
    lead: view.attached
      ? 'This customer could be attached without an approval; its administrators were told.'
      : `${isActive ? 'Approved' : 'It was approved'} by ${view.decidedBy?.displayName ?? 'an administrator'}${isActive ? '.' : ', and has ended.'}`,
    badge: isActive ? { text: 'Access is open', tone: 'good' } : over('Over'),
  };
};

const stories: Readonly<Record<View['status'], Teller>> = {
  pending,
  approved,
  denied: (view) => ({
    heading: 'This request was denied',
    lead: view.unexpected
      ? 'Nobody got access. It was unexpected, and the administrators of both sides were told.'
      : 'Nobody got access.',
    badge: { text: 'Denied', tone: 'bad' },
  }),
  cancelled: () => ({
    heading: 'This request was withdrawn',
    lead: 'There is nothing to decide.',
    badge: over('Withdrawn'),
  }),
  expired: () => ({
    heading: 'Nobody decided in time',
    lead: 'The request has expired and gave no access.',
    badge: over('Expired'),
  }),
};

const decisions: Readonly<Record<View['status'], ((by: string) => string) | null>> = {
  pending: null,
  approved: (by) => `Approved by ${by}`,
  denied: (by) => `Denied by ${by}`,
  cancelled: () => 'Withdrawn',
  expired: () => 'Expired without a decision',
};

/** The path of the request so far, oldest first. */
export function timelineOf({ requester, createdAt, status, decidedAt, decidedBy, access }: View) {
  const decided = decisions[status];
  return [
    { text: `Asked by ${requester.displayName}`, at: createdAt },
    ...(decided && decidedAt ? [{ text: decided(decidedBy?.displayName ?? 'an administrator'), at: decidedAt }] : []),
    ...(access?.endedAt ? [{ text: 'The access ended', at: access.endedAt }] : []),
  ];
}

/** What there is to say about a request in each of its states. */
export const storyOf: Teller = (view, isRequester) => stories[view.status](view, isRequester);

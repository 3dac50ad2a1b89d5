import { roleLabels } from '#access';
import type { ChangeRequestView } from '#contracts';
import { listChangeRequests } from '#decisions';
import { readableDuration } from '#mail';
import type { Lines, RequestLine } from '../approvals/line.ts';

type Teller = (view: ChangeRequestView) => string;

/** What there is to say about a proposal in each of its states. */
export const headings: Readonly<Record<ChangeRequestView['status'], Teller>> = {
  pending: ({ requester, organizationName }) => `${requester.displayName} proposes a change to ${organizationName}`,
  approved: ({ organizationName }) => `This change to ${organizationName} was agreed to and made`,
  denied: () => 'This change was denied: nothing changed',
  cancelled: () => 'This proposal was withdrawn: nothing changed',
  expired: () => 'Nobody decided in time: nothing changed',
};

const spelled = (name: string) =>
  name
    .replaceAll(/([A-Z])/g, ' $1')
    .replace(/ Seconds$/, '')
    .toLowerCase();

/** What is proposed, a line each. */
export function changeInWords({ kind, change }: ChangeRequestView): string[] {
  if (kind === 'appointment')
    return [`${change.displayName ?? change.email ?? 'A member'} becomes ${roleLabels.full_administrator}`];
  return [
    ...(change.loginMethods ? [`People sign in by: ${change.loginMethods.join(', ')}`] : []),
    ...(change.sso === undefined ? [] : [`Identity provider: ${change.sso?.issuer ?? 'none'}`]),
    ...(change.domains ? [`Domains: ${change.domains.join(', ') || 'none'}`] : []),
    ...(change.foreignSignIn === undefined
      ? []
      : [
          `External administrators come in by their own organization’s sign-in: ${change.foreignSignIn ? 'yes' : 'no'}`,
        ]),
    ...Object.entries(change.policy ?? {}).map(
      ([name, seconds]) => `${spelled(name)}: ${typeof seconds === 'number' ? readableDuration(seconds) : seconds}`,
    ),
  ];
}

/** The state in a word, its colour, and what became of the proposal. */
const states: Readonly<
  Record<
    ChangeRequestView['status'],
    { badge: RequestLine['badge']; decided: ((view: ChangeRequestView) => string) | null }
  >
> = {
  pending: { badge: { text: 'Waiting', tone: 'pending' }, decided: null },
  approved: { badge: { text: 'Made', tone: 'good' }, decided: (view) => `Agreed to by ${deciderOf(view)}` },
  denied: { badge: { text: 'Denied', tone: 'bad' }, decided: (view) => `Denied by ${deciderOf(view)}` },
  cancelled: { badge: { text: 'Withdrawn', tone: 'over' }, decided: () => 'Withdrawn' },
  expired: { badge: { text: 'Expired', tone: 'over' }, decided: () => 'Expired without a decision' },
};

const deciderOf = ({ decidedBy }: ChangeRequestView) => decidedBy?.displayName ?? 'an administrator';

function timelineOf(view: ChangeRequestView): RequestLine['timeline'] {
  const { decided } = states[view.status];
  return [
    { text: `Proposed by ${view.requester.displayName}`, at: view.createdAt },
    ...(decided && view.decidedAt ? [{ text: decided(view), at: view.decidedAt }] : []),
  ];
}

export const badgeOf = ({ status }: ChangeRequestView): RequestLine['badge'] => states[status].badge;

export const changeRequestLines: Lines = async (em, viewer, { organizationId = null, ...query }) => {
  const { items } = await listChangeRequests(em, viewer, organizationId, query);
  return items.map((item) => ({
    ...item,
    href: `/change-requests/${item.id}`,
    parties: { requesterId: item.requester.id, partnerId: item.partnerId, organizationId: item.organizationId },
    asks: 'proposes a change to',
    about: item.organizationName,
    terms: `: ${changeInWords(item).join('; ')}`,
    asked: `a change you proposed: ${changeInWords(item).join('; ')}`,
    badge: badgeOf(item),
    timeline: timelineOf(item),
  }));
};

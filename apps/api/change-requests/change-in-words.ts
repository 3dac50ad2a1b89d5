import { roleLabels } from '#access';
import type { ChangeRequestView } from '#contracts';
import { readableDuration } from '#mail';

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
    ...Object.entries(change.policy ?? {}).map(
      ([name, seconds]) => `${spelled(name)}: ${typeof seconds === 'number' ? readableDuration(seconds) : seconds}`,
    ),
  ];
}

import { z } from 'zod';
import { uuid } from '#contracts';
import { optionalField } from '../console/form.ts';

const millisecondsOfADay = 86_400_000;

/** What a page of the trail is filtered by; every field may be left out. Days are UTC days. */
export const trailFilter = z.object({
  action: optionalField(z.string().trim().max(100)),
  outcome: optionalField(z.enum(['success', 'refused'])),
  subjectId: optionalField(uuid),
  actorId: optionalField(uuid),
  person: optionalField(z.string().trim().max(200)),
  fromDay: optionalField(z.iso.date()),
  toDay: optionalField(z.iso.date()),
  cursor: optionalField(z.string().max(500)),
});
export type TrailFilter = z.infer<typeof trailFilter>;

/** What the trail is about, in words; `elevation.` stands for everything of that feature. */
export const topics: readonly { prefix: string; words: string }[] = [
  { prefix: 'elevation.', words: 'Access for a time' },
  { prefix: 'help-desk-session.', words: 'Help-desk sessions' },
  { prefix: 'external-administrator.', words: 'External administrators' },
  { prefix: 'change-request.', words: 'Proposed changes' },
  { prefix: 'grant.', words: 'Use of access' },
  { prefix: 'invite.', words: 'Invites' },
  { prefix: 'membership.', words: 'Members and their roles' },
  { prefix: 'session.', words: 'Signing in and out' },
  { prefix: 'account.', words: 'Accounts' },
  { prefix: 'organization.', words: 'Settings of the organization' },
  { prefix: 'restricted-mode.', words: 'Restricted administrator mode' },
  { prefix: 'relationship.', words: 'Partners and customers' },
  { prefix: 'api-key.', words: 'API keys' },
  { prefix: 'webhook.', words: 'Webhooks' },
  { prefix: 'channel.', words: 'Channels' },
  { prefix: 'signal-stream.', words: 'Streams of signals' },
  { prefix: 'scim-user.', words: 'People from the directory' },
  { prefix: 'support-action.', words: 'The support team' },
];

export const isFiltered = (filter: TrailFilter): boolean =>
  Object.entries(filter).some(([name, value]) => name !== 'cursor' && value !== undefined);

/** From the first moment of the one day to the last of the other. */
export function boundsOf({ fromDay, toDay }: TrailFilter): { from?: string; before?: string } {
  return {
    ...(fromDay && { from: `${fromDay}T00:00:00Z` }),
    ...(toDay && { before: new Date(Date.parse(toDay) + millisecondsOfADay).toISOString() }),
  };
}

export function parametersOf(filter: TrailFilter): string {
  const given = Object.entries(filter).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new URLSearchParams(given).toString();
}

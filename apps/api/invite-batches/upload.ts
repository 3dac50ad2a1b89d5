import type { IncomingMessage } from 'node:http';

/** Five thousand rows with long names. */
export const inviteBatchLimit = '2mb';

const route = /^\/v1\/organizations\/[^/]+\/invites\/batch\/?(?:\?|$)/i;

/** For a body parser: whether the request is a bulk invite of that media type. */
export const isInviteBatch =
  (mediaType: 'application/json' | 'text/csv') =>
  ({ url = '', headers }: IncomingMessage): boolean =>
    route.test(url) && (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() === mediaType;

const page = /^\/organizations\/[^/]+\/invite-many\/?(?:\?|$)/i;

/** The same rows in a form, where a comma and an at sign take three letters each. */
export const inviteFormLimit = '6mb';

export const isInviteForm = ({ url = '', headers }: IncomingMessage): boolean =>
  page.test(url) && /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');

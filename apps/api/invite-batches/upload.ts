import type { IncomingMessage } from 'node:http';

/** Five thousand rows with long names. */
export const inviteBatchLimit = '2mb';

const route = /^\/v1\/organizations\/[^/]+\/invites\/batch(?:\?|$)/;

/** For a body parser: whether the request is a bulk invite of that media type. */
export const isInviteBatch =
  (mediaType: 'application/json' | 'text/csv') =>
  ({ url = '', headers }: IncomingMessage): boolean =>
    route.test(url) && (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() === mediaType;

import { z } from 'zod';
import { instant, uuid } from './scalars.ts';

export const mostInvitesAtOnce = 5_000;

/** Rows are looked at one by one when they are worked off, so that a bad one spoils no other. */
export const createInviteBatch = z
  .object({ invites: z.array(z.unknown()).min(1).max(mostInvitesAtOnce) })
  .strict()
  .meta({
    id: 'CreateInviteBatch',
    example: {
      invites: [
        { email: 'grace@acme.example', displayName: 'Grace Hopper', workspaceRole: 'full_access' },
        { email: 'alan@acme.example', workspaceRole: 'read_only' },
      ],
    },
  });

export const inviteBatch = z
  .object({
    id: uuid,
    organizationId: uuid,
    status: z.enum(['running', 'finished']),
    total: z.int(),
    done: z.int(),
    invited: z.int(),
    /** An invite of the person was open already. */
    alreadyInvited: z.int(),
    /** The person is a member already. */
    members: z.int(),
    failed: z.int(),
    /** The rows that failed. */
    rows: z.array(
      z.object({
        /** From 1; the header of a CSV file is not counted. */
        row: z.int(),
        /** Of the CSV file, where the row ends; null for JSON. */
        line: z.int().nullable(),
        email: z.string().nullable(),
        code: z.string(),
        message: z.string(),
      }),
    ),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'InviteBatch' });

export type InviteBatchView = z.infer<typeof inviteBatch>;

import { z } from 'zod';
import { administratorRoles, workspaceRoles } from '#access';
import { email, instant, person, singleLine, uuid } from './scalars.ts';

export const password = z.string().min(1).max(1000);

export const createSession = z
  .union([z.object({ email: z.string().max(254), password }), z.object({ username: z.string().max(254), password })])
  .meta({ id: 'CreateSession', example: { email: 'ada@acme.example', password: 'correct horse battery staple' } });

export const session = z.object({ token: z.string(), expiresAt: instant, account: person }).meta({ id: 'Session' });

export const me = z
  .object({
    account: person.extend({ aliases: z.array(email) }),
    session: z
      .object({ id: uuid, method: z.enum(['password', 'sso']), organizationId: uuid.nullable(), expiresAt: instant })
      .nullable(),
    memberships: z.array(
      z.object({
        id: uuid,
        organization: z.object({ id: uuid, kind: z.string(), name: z.string(), slug: z.string() }),
        kind: z.enum(['home', 'external']),
        workspaceRole: z.enum(workspaceRoles).nullable(),
        administratorRoles: z.array(z.enum(administratorRoles)),
        derivedRoles: z.array(z.literal('provisioning_administrator')),
        login: z.object({ partnerHub: z.boolean(), helpDesk: z.boolean() }),
      }),
    ),
    support: z.boolean(),
  })
  .meta({ id: 'Me' });

export const requestPasswordReset = z.object({ email }).meta({ id: 'RequestPasswordReset' });
export const resetPassword = z.object({ token: singleLine(200), password }).meta({ id: 'ResetPassword' });

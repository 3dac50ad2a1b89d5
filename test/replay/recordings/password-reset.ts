import { asSystem, PasswordReset } from '#persistence';
import { createPartner, testPassword, type Person } from '../../support/people.ts';
import type { World } from '../../support/world.ts';
import type { Recordings } from '../recording.ts';
import { answered } from './answered.ts';

async function somebody(world: World): Promise<Person> {
  return (await createPartner(world)).first;
}

/** The answer to the wish names nothing, so that the row is found as the last one made. */
async function newestReset(world: World): Promise<string> {
  return world.database.transaction(asSystem, async (em) => {
    const [reset] = await em.find(PasswordReset, {}, { orderBy: { createdAt: 'desc' }, limit: 1 });
    if (!reset) throw new Error('Nobody has forgotten a password');
    return reset.id;
  });
}

async function forgotten(world: World, email: string): Promise<string> {
  answered(await world.visitor.post('/v1/password-resets', { email }), 202);
  return newestReset(world);
}

async function mailedToken(world: World, email: string): Promise<string> {
  const { text } = await world.mail.waitForMail({ to: email, kind: 'password.reset' });
  const token = /\/reset-password\/(cs_reset_[\w-]+)/.exec(text)?.[1];
  if (!token) throw new Error(`No link in the mail to ${email}`);
  return token;
}

export const passwordReset: Recordings = {
  async completed(world) {
    const { email } = await somebody(world);
    const id = await forgotten(world, email);
    const body = { token: await mailedToken(world, email), password: 'nineteen grey herons' };
    answered(await world.visitor.post('/v1/password-resets/complete', body), 204);
    return `password-reset:${id}`;
  },

  async 'unknown-address'(world) {
    return `password-reset:${await forgotten(world, 'ghost@nowhere.example')}`;
  },

  /** A link works for an hour: all of it but the last seconds has passed before a worker comes. */
  async expired(world) {
    const { email } = await somebody(world);
    await world.stopWorker();
    const id = await forgotten(world, email);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(PasswordReset, { id }, { expiresAt: new Date(Date.now() + 15_000) }),
    );
    await world.startWorker();
    await mailedToken(world, email);
    return `password-reset:${id}`;
  },

  /** Nothing was forgotten: somebody signed in has set a new password, and is told. */
  async 'changed-signed-in'(world) {
    const { http } = await somebody(world);
    const body = { currentPassword: testPassword, password: 'nineteen grey herons' };
    answered(await http.put('/v1/me/password', body), 204);
    return `password-reset:${await newestReset(world)}`;
  },
};

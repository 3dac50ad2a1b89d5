import { eventually } from '../../support/eventually.ts';
import { acceptInvite, createPartner, inviteTokenFor, type OrganizationWithFirst } from '../../support/people.ts';
import type { World } from '../../support/world.ts';
import type { Recordings } from '../recording.ts';
import { answered } from './answered.ts';

interface Invited {
  id: string;
  email: string;
  partner: OrganizationWithFirst;
  /** Of the invite in the API. */
  path: string;
}

interface Circumstances {
  policy?: Record<string, number>;
  /** The mail server refuses the first mail for good. */
  undeliverable?: boolean;
}

async function invited(world: World, { policy, undeliverable = false }: Circumstances = {}): Promise<Invited> {
  const partner = await createPartner(world);
  if (policy) answered(await partner.first.http.patch(`/v1/organizations/${partner.id}`, { policy }), 200);
  const email = `guest@${partner.slug}.example`;
  if (undeliverable) world.mail.failNext(1, 'reject-5xx', email);
  const invites = `/v1/organizations/${partner.id}/invites`;
  const { id } = answered(await partner.first.http.post(invites, { email, workspaceRole: 'full_access' }), 201);
  if (undeliverable) await world.mail.waitForMail({ to: partner.first.email, kind: 'invite.failed' });
  else await inviteTokenFor(world, email);
  return { id, email, partner, path: `${invites}/${id}` };
}

export const invite: Recordings = {
  async accepted(world) {
    const { id, email, partner } = await invited(world);
    await acceptInvite(world, email, 'Guest', partner.id);
    return `invite:${id}`;
  },

  async expired(world) {
    const { id } = await invited(world, { policy: { invitePendingSeconds: 3 } });
    return `invite:${id}`;
  },

  async cancelled(world) {
    const { id, partner, path } = await invited(world);
    answered(await partner.first.http.post(`${path}/cancel`), 200);
    return `invite:${id}`;
  },

  async resent(world) {
    const { id, email, partner, path } = await invited(world);
    answered(await partner.first.http.post(`${path}/resend`), 200);
    await eventually(() => {
      if (world.mail.mails().filter(({ to }) => to.includes(email)).length < 2) throw new Error('No second mail yet');
    });
    answered(await partner.first.http.post(`${path}/cancel`), 200);
    return `invite:${id}`;
  },

  async failed(world) {
    const { id, partner, path } = await invited(world, { undeliverable: true });
    answered(await partner.first.http.post(`${path}/cancel`), 200);
    return `invite:${id}`;
  },

  async 'failed-and-repaired'(world) {
    const { id, email, partner, path } = await invited(world, { undeliverable: true });
    answered(await partner.first.http.post(`${path}/resend`), 200);
    await acceptInvite(world, email, 'Guest', partner.id);
    return `invite:${id}`;
  },

  async 'login-methods-changed'(world) {
    const { id, email, partner, path } = await invited(world);
    const loginMethods = ['password', 'sso'];
    answered(await partner.first.http.patch(`/v1/organizations/${partner.id}`, { loginMethods }), 200);
    for (const kind of ['invite.activation', 'invite.welcome']) await world.mail.waitForMail({ to: email, kind });
    answered(await partner.first.http.post(`${path}/cancel`), 200);
    return `invite:${id}`;
  },
};

import { acceptInvite, createPartner, inviteTokenFor } from '../../support/people.ts';
import type { World } from '../../support/world.ts';
import type { Recordings } from '../recording.ts';

async function invited(world: World): Promise<{ id: string; email: string; organizationId: string }> {
  const partner = await createPartner(world);
  const email = `guest@${partner.slug}.example`;
  const answer = await partner.first.http.post(`/v1/organizations/${partner.id}/invites`, {
    email,
    workspaceRole: 'full_access',
  });
  if (answer.status !== 201) throw new Error(`Inviting answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return { id: answer.body.id, email, organizationId: partner.id };
}

export const invite: Recordings = {
  async accepted(world) {
    const { id, email, organizationId } = await invited(world);
    await acceptInvite(world, email, 'Guest', organizationId);
    return `invite:${id}`;
  },

  async expired(world) {
    const partner = await createPartner(world);
    await partner.first.http.patch(`/v1/organizations/${partner.id}`, { policy: { invitePendingSeconds: 3 } });
    const email = `late@${partner.slug}.example`;
    const answer = await partner.first.http.post(`/v1/organizations/${partner.id}/invites`, {
      email,
      workspaceRole: 'full_access',
    });
    await inviteTokenFor(world, email);
    return `invite:${answer.body.id}`;
  },
};

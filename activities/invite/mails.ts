import { roleLabels } from '#access';
import { inviterNameOf } from '#decisions';
import { inviteToken } from '#identity';
import { databaseNow, Invite, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { person, type Addressees, type Concerns, type Telling } from '../mail/concern.ts';

/** Every mail of an invite goes to the invited address, whoever it belongs to. */
async function invitedAddress(em: EntityManager, inviteId: string): Promise<Addressees> {
  const invite = await em.findOneOrFail(Invite, { id: inviteId });
  return { recipients: [{ accountId: null, address: invite.email }], organizationIds: [invite.organizationId] };
}

type Destination = (invite: Invite, organization: Organization, dependencies: Dependencies) => string;

const acceptPage: Destination = (invite, _organization, { publicUrl, inviteKeys }) =>
  `${publicUrl}/invites/${inviteToken(inviteKeys, invite.id, invite.linkVersion, invite.tokenDigest)}`;
const loginPage: Destination = (invite, organization, { publicUrl, inviteKeys }) =>
  organization.loginMethods.includes('sso')
    ? `${publicUrl}/sso/${organization.slug}/start?invite=${inviteToken(inviteKeys, invite.id, invite.linkVersion, invite.tokenDigest)}`
    : `${publicUrl}/sign-in`;
const activationPage: Destination = (invite, organization, dependencies) =>
  organization.sso?.activationUrl ?? loginPage(invite, organization, dependencies);

const variablesWith =
  (destination: Destination) => async (em: EntityManager, delivery: Telling, dependencies: Dependencies) => {
    const invite = await em.findOneOrFail(Invite, { id: delivery.rowId });
    const overtaken =
      invite.status !== 'pending' ||
      invite.linkVersion !== delivery.edition ||
      invite.expiresAt <= (await databaseNow(em));
    if (overtaken) return null;
    const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
    const roles = [...(invite.workspaceRole ? [invite.workspaceRole] : []), ...invite.administratorRoles];
    return {
      organizationName: organization.name,
      inviteeName: invite.displayName ?? null,
      inviterName: (await inviterNameOf(em, invite)) ?? 'Countersign',
      roles: roles.map((role) => roleLabels[role]).join('; '),
      expiresAt: invite.expiresAt.toISOString(),
      url: destination(invite, organization, dependencies),
    };
  };

/** Somebody who has an account accepts on the page of the invite, signed in; on single sign-on, by signing in. */
const welcomePage: Destination = (invite, organization, dependencies) =>
  organization.loginMethods.includes('password')
    ? acceptPage(invite, organization, dependencies)
    : loginPage(invite, organization, dependencies);

/** Where the reader of the invited mailbox accepts, whichever mail they have lost. */
export const inviteDestination: Destination = (invite, organization, dependencies) =>
  organization.loginMethods.includes('password')
    ? acceptPage(invite, organization, dependencies)
    : activationPage(invite, organization, dependencies);

/** Whoever invited: a mail that the invited person can't get is theirs to put right. */
async function whoInvited(em: EntityManager, inviteId: string): Promise<Addressees> {
  const invite = await em.findOneOrFail(Invite, { id: inviteId });
  return {
    recipients: invite.invitedById ? [person(invite.invitedById)] : [],
    organizationIds: [invite.organizationId],
  };
}

export const inviteMails: Concerns = {
  'invite.activation': { recipients: invitedAddress, variables: variablesWith(activationPage) },
  'invite.welcome': { recipients: invitedAddress, variables: variablesWith(welcomePage) },
  'invite.sign-up': { recipients: invitedAddress, variables: variablesWith(acceptPage) },
  'invite.reminder': { recipients: invitedAddress, variables: variablesWith(welcomePage) },
  'invite.failed': {
    recipients: whoInvited,
    async variables(em, delivery, { publicUrl }) {
      const invite = await em.findOneOrFail(Invite, { id: delivery.rowId });
      if (invite.status !== 'failed' || invite.linkVersion !== delivery.edition) return null;
      const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
      return {
        organizationName: organization.name,
        invitedAddress: invite.email,
        failedAt: (invite.failedAt ?? invite.createdAt).toISOString(),
        url: `${publicUrl}/organizations/${organization.id}/invites`,
      };
    },
  },
};

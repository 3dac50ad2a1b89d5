import type { CastList } from './cast-list.ts';
import type { Stage } from './stage.ts';

/** Teammates join by the tenant's path: sign-up by password, activation and welcome by single sign-on, or all of them. */
export async function playInvites(
  { scene, tell, cast, mailArrives, refused, mails }: Stage,
  { customerId, paula, partnerId, maria }: CastList,
): Promise<void> {
  scene('Invites: by password, and by single sign-on');
  await maria.post(`/v1/organizations/${customerId}/invites`, {
    email: 'noah@harbour.example',
    displayName: 'Noah Berg',
    workspaceRole: 'full_access',
  });
  tell('Maria', 'invites Noah Berg with Full access; the tenant signs in by password');
  await mailArrives('noah@harbour.example', 'invite.sign-up');
  const noah = await cast.join('noah@harbour.example', 'Noah Berg');
  await refused('Noah', 'invites an Owner', () =>
    noah.post(`/v1/organizations/${customerId}/invites`, { email: 'x@harbour.example', workspaceRole: 'owner' }),
  );

  await paula.patch(`/v1/organizations/${partnerId}`, {
    loginMethods: ['sso', 'password'],
    sso: {
      issuer: 'https://id.northwind.example',
      clientId: 'countersign',
      clientSecret: 'only-for-the-demo',
      activationUrl: 'https://id.northwind.example/activate',
    },
  });
  tell('Paula', 'switches single sign-on on beside passwords for Northwind Services');
  await paula.post(`/v1/organizations/${partnerId}/invites`, {
    email: 'zoe@northwind.example',
    displayName: 'Zoe Chen',
    workspaceRole: 'read_only',
  });
  tell('Paula', 'invites Zoe Chen, who has no account yet');
  for (const kind of ['invite.activation', 'invite.welcome', 'invite.sign-up'])
    await mailArrives('zoe@northwind.example', kind);

  const again = mails.mails().length;
  await paula.post(`/v1/organizations/${partnerId}/invites`, {
    email: 'ZOE@northwind.example',
    workspaceRole: 'read_only',
  });
  tell('Paula', `invites her once more: the open invite is answered, ${mails.mails().length - again} new mails`);
}

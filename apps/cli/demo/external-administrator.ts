import type { CastList } from './cast-list.ts';
import type { Stage } from './stage.ts';

interface Id {
  id: string;
}

/** Somebody without a relationship asks; the customer's administrator approves; a relationship begins. */
export async function playExternalAdministrator(
  { support, cast, scene, tell, mailArrives, refused }: Stage,
  { customerId, maria }: CastList,
): Promise<void> {
  scene('An external administrator');
  await support.post<Id>('/v1/organizations', {
    kind: 'partner',
    name: 'Blue Ridge Resellers',
    slug: 'blue-ridge',
    loginMethods: ['password'],
    firstAdministrator: { email: 'tomas@blueridge.example', displayName: 'Tomás Rivera' },
  });
  const tomas = await cast.join('tomas@blueridge.example', 'Tomás Rivera');
  tell('support team', 'creates the partner Blue Ridge Resellers; Tomás Rivera joins');
  const request = await tomas.post<Id>('/v1/external-administrator-requests', {
    customerId,
    addressedTo: 'maria@harbour.example',
    reason: 'You ordered calling licences from us; I would set them up.',
  });
  tell('Tomás', 'asks to administer Harbour Logistics, a customer he has no access to');
  await mailArrives('maria@harbour.example', 'external-administrator.requested');
  await refused('Maria', 'types an address that is not his', () =>
    maria.post(`/v1/external-administrator-requests/${request.id}/approve`, {
      email: 'somebody@else.example',
      role: 'read_only_administrator',
    }),
  );
  await maria.post(`/v1/external-administrator-requests/${request.id}/approve`, {
    email: 'tomas@blueridge.example',
    role: 'read_only_administrator',
  });
  tell('Maria', 'checks the address, and approves him as read-only administrator');
  await mailArrives('tomas@blueridge.example', 'external-administrator.approved');
  const { items } = await maria.get<{ items: Id[] }>(`/v1/organizations/${customerId}/relationships`);
  tell('relationships', `Harbour Logistics has ${items.length} now; the new one empowers only him`);
  const access = await tomas.get<{ settings: { id: string; level: string }[] }>(
    `/v1/organizations/${customerId}/effective-access`,
  );
  tell(
    'Tomás',
    `may ${access.settings.find((setting) => setting.id === 'devices')?.level ?? 'not touch'} devices there`,
  );
}

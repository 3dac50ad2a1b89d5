import type { CastList } from './cast-list.ts';
import type { Stage } from './stage.ts';

interface Id {
  id: string;
}

/** Who may approve for the customer is not the partner's to choose: it proposes, and the customer agrees. */
export async function playChangeRequest(
  { cast, scene, tell, mailArrives, refused }: Stage,
  { customerId, paula, maria }: CastList,
): Promise<void> {
  scene('A second administrator for the customer, proposed by the partner');
  const noor = { email: 'noor@harbour.example', displayName: 'Noor Haddad' };
  await refused('Paula', 'invites Noor Haddad as full administrator of Harbour Logistics by herself', () =>
    paula.post(`/v1/organizations/${customerId}/invites`, { ...noor, administratorRoles: ['full_administrator'] }),
  );
  const proposed = await paula.post<Id>(`/v1/organizations/${customerId}/change-requests`, {
    kind: 'appointment',
    ...noor,
    reason: 'Maria is on leave in August, and nobody else could approve.',
  });
  tell('Paula', 'proposes her instead, and says why');
  await mailArrives('maria@harbour.example', 'change-request.requested');
  await refused('Paula', 'agrees to her own proposal', () => paula.post(`/v1/change-requests/${proposed.id}/approve`));
  await maria.post(`/v1/change-requests/${proposed.id}/approve`);
  tell('Maria', 'agrees; only now is Noor invited');
  await cast.join(noor.email, noor.displayName);
  tell('Noor', 'follows the link of her mail, and is the second one who may approve');
}

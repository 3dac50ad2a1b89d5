import type { CastList } from './cast-list.ts';
import type { DemoClient } from './client.ts';
import type { Stage } from './stage.ts';

interface EffectiveAccess {
  settings: { id: string; level: string }[];
  banner: { text: string } | null;
}

/** Access = entitlements − restrictions, switched by the partner and in force on the next evaluation. */
export async function playRestrictedMode(
  { scene, tell, refused }: Stage,
  { customerId, paula, maria }: CastList,
): Promise<void> {
  scene('Restricted administrator mode');
  const look = async (who: DemoClient): Promise<EffectiveAccess> => {
    const access = await who.get<EffectiveAccess>(`/v1/organizations/${customerId}/effective-access`);
    const level = access.settings.find((setting) => setting.id === 'organization.domain')?.level ?? 'none';
    tell(
      'Maria',
      `may ${level} the domain of Harbour Logistics${access.banner ? `; banner: “${access.banner.text}”` : '; no banner'}`,
    );
    return access;
  };
  const restricted = await look(maria);
  await refused('Maria', 'switches the mode off herself', () =>
    maria.put(`/v1/organizations/${customerId}/restricted-mode`, { enabled: false }),
  );
  await paula.put(`/v1/organizations/${customerId}/restricted-mode`, { enabled: false });
  tell('Paula', 'switches it off, as a partner full administrator');
  const open = await look(maria);
  if (!restricted.banner || open.banner) throw new Error('The banner belongs to the restricted mode');
}

import { record } from '#audit';
import { Account, type EntityManager } from '#persistence';
import { featureOf } from './end.ts';

interface FirstUse {
  id: string;
  kind: 'elevation' | 'help_desk_session';
  sourceId: string;
  organizationId: string;
  partnerId: string;
  accountId: string;
  usedAt: Date | string;
}

/** Notes the first time a temporary access let its holder do something: once, however many ask at the same moment. */
export async function markUsed(em: EntityManager, grantIds: readonly string[]): Promise<void> {
  const first = await em.execute<FirstUse[]>(
    `update "grant" set used_at = date_trunc('milliseconds', clock_timestamp())
      where id in (?) and used_at is null
      returning id, kind, source_id as "sourceId", organization_id as "organizationId", partner_id as "partnerId",
                account_id as "accountId", used_at as "usedAt"`,
    [grantIds],
  );
  for (const grant of first) {
    const holder = await em.findOne(Account, { id: grant.accountId });
    record(em, {
      action: `${featureOf[grant.kind]}.used`,
      actor: { kind: 'account', id: grant.accountId },
      organizationIds: [grant.organizationId, grant.partnerId],
      subject: { kind: featureOf[grant.kind], id: grant.sourceId },
      personal: holder ? { names: { [holder.id]: holder.displayName } } : {},
      grantId: grant.id,
      at: new Date(grant.usedAt),
    });
  }
}

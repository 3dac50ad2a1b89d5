import { mayManageWebhooks, organizationSight } from '#access';
import type { Decision } from '../decision.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';

/**
 * By what right the actor acts on webhooks of the organization; a refusal goes on record. People make what outlives
 * them, as with API keys: a service whose key leaked must not leave a second way out behind.
 */
export async function judgeWebhookAct(
  { em, actor }: Decision,
  organizationId: string,
  act: PrivilegedAct,
  now: Date,
): Promise<string> {
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  if (actor.kind !== 'account') return refuseAct(act, 'may_not_manage_webhooks');
  const ruling = mayManageWebhooks(subject, target, now);
  return ruling.allowed ? ruling.by : refuseAct(act, ruling.code);
}

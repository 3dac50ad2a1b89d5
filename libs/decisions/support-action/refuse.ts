import type { Ruling } from '#access';
import { Refusal } from '#contracts';
import { Organization, type SupportAction } from '#persistence';
import type { Decision } from '../decision.ts';
import { refuseAct } from '../refuse-act.ts';
import { supportActionStatusAt } from './status.ts';

/** Refuses who may not, on the support team's own record. */
export async function refuseSupportAction({ em }: Decision, verb: string, ruling: Ruling): Promise<never> {
  const platform = await em.findOneOrFail(Organization, { kind: 'platform' });
  const code = ruling.allowed ? 'person_required' : ruling.code;
  const missing = { needed: 'second_factor', at: '/v1/sessions/current/proof' };
  return refuseAct(
    {
      action: `support-action.${verb}`,
      organizationIds: [platform.id],
      subject: { kind: 'organization', id: platform.id },
    },
    code,
    code === 'step_up_required' ? missing : {},
  );
}

export function refuseUnlessPending(action: SupportAction, now: Date): void {
  const status = supportActionStatusAt(action, now);
  if (status !== 'pending') throw new Refusal('request_not_pending', { state: { status } });
}

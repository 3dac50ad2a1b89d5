import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { BarestActivities, BarestCase } from './barest-activities.ts';

export const go = defineSignal('go');

const { ask, approve, revoke, sendMail } = proxyLocalActivities<BarestActivities>({
  startToCloseTimeout: '15 seconds',
});

/** The same story with nothing but what Temporal asks for: write, mail, wait for a person, write, mail. */
export async function barest(one: BarestCase): Promise<void> {
  let steps = 0;
  setHandler(go, () => {
    steps += 1;
  });
  await ask(one);
  await sendMail({ to: one.adminAddress, kind: 'elevation.requested', id: one.id });
  await condition(() => steps >= 1, '1 hour');
  await approve(one);
  await sendMail({ to: one.agentAddress, kind: 'elevation.approved', id: one.id });
  await condition(() => steps >= 2, '1 hour');
  await revoke(one);
  await Promise.all(
    [one.agentAddress, one.adminAddress].map((to) => sendMail({ to, kind: 'elevation.ended', id: one.id })),
  );
}

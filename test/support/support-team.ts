import type { SupportAct } from '#contracts';
import { Account, asSystem, Organization, Session } from '#persistence';
import { person, type Cast } from './cast.ts';
import type { HttpClient } from './http-client.ts';
import type { World } from './world.ts';

export interface SupportTeam {
  first: Cast;
  second: Cast;
  /** The first proposes, the second confirms; answers what the confirmation did. */
  together(act: SupportAct, reason?: string): ReturnType<HttpClient['post']>;
}

/** As if the person had just shown a second factor in each of their sessions; `null`: as if none ever. */
export async function showSecondFactor(
  { database }: Pick<World, 'database'>,
  email: string,
  at: Date | null = new Date(),
): Promise<void> {
  await database.transaction(asSystem, async (em) => {
    const { id } = await em.findOneOrFail(Account, { email });
    await em.nativeUpdate(Session, { accountId: id }, { secondFactorAt: at });
  });
}

/**
 * Two named people of the support team, with a fresh second factor each. From then on the first is the world's support:
 * the token lets nobody in beside them.
 */
export async function supportTeam(world: World): Promise<SupportTeam> {
  const platform = await world.database.transaction(asSystem, (em) =>
    em.findOneOrFail(Organization, { kind: 'platform' }),
  );
  const first = await person(world, 'Ada of support', [{ in: platform.id }]);
  const second = await person(world, 'Bela of support', [{ in: platform.id }]);
  for (const { email } of [first, second]) await showSecondFactor(world, email);
  world.support = first.http;
  return {
    first,
    second,
    async together(act, reason = 'Contract 2026-118') {
      const proposed = await first.http.post('/v1/support-actions', { act, reason });
      if (proposed.status !== 201) return proposed;
      return second.http.post(`/v1/support-actions/${proposed.body.id}/confirm`);
    },
  };
}

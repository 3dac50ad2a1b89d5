import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Refusal } from '#contracts';
import type { Actor } from '#decisions';
import type { Principal } from '#identity';
import { asSystem, asSeenBy, type Standing } from '#persistence';
import type { AuthenticatedRequest } from './authentication.guard.ts';

function principalIn(context: ExecutionContext): Principal | null {
  return context.switchToHttp().getRequest<AuthenticatedRequest>().principal ?? null;
}

/** Who calls. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = principalIn(context);
  if (!principal) throw new Refusal('not_authenticated');
  return principal;
});

/**
 * What the caller was authenticated by and what the route asked for, as far as the caller's tenancy shows it; null where
 * the support team's token calls a route that asks for nothing.
 */
export const StandingInSight = createParamDecorator((_: unknown, context: ExecutionContext): Standing | null =>
  standingInSight(context.switchToHttp().getRequest<AuthenticatedRequest>()),
);

export const standingInSight = ({ principal, standing }: AuthenticatedRequest): Standing | null =>
  principal && standing ? asSeenBy(standing, principal.tenancy) : null;

/** Who calls, on a route that also answers nobody in particular. */
export const OptionalCaller = createParamDecorator((_: unknown, context: ExecutionContext) => principalIn(context));

/** The caller as the one who decides. */
export const CallerAsActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const principal = principalIn(context);
  if (!principal) throw new Refusal('not_authenticated');
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  const actor = actorOf(principal, request.ip);
  // The support team sees more than its own organization, and reads what it holds under those eyes.
  return actor.tenancy === principal.tenancy ? { ...actor, standing: standingInSight(request) ?? undefined } : actor;
});

/**
 * The caller as one who says no: denies a request, ends an access. For that a session counts also where the organization
 * has stopped to allow the way it was signed in, since nobody's access may be out of reach for who could end it.
 */
export const CallerSayingNo = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const principal = principalIn(context);
  if (!principal) throw new Refusal('not_authenticated');
  return sayingNo(principal, context.switchToHttp().getRequest<AuthenticatedRequest>().ip);
});

function sayingNo(principal: Principal, sourceAddress: string | undefined): Actor {
  const actor = actorOf(principal, sourceAddress);
  if (principal.kind !== 'account') return actor;
  const { organizationIds, tenancy } = principal.objecting;
  return { ...actor, openOrganizationIds: organizationIds, tenancy: principal.support ? asSystem : tenancy };
}

/** Organizations in which the caller may say no, and nothing else: the session has stopped to open them. */
export const onlySayingNoIn = (principal: Principal | null | undefined): readonly string[] =>
  principal?.kind === 'account'
    ? principal.objecting.organizationIds.filter((id) => !principal.openOrganizationIds.includes(id))
    : [];

export function actorOf(principal: Principal, sourceAddress: string | undefined): Actor {
  switch (principal.kind) {
    case 'account':
      return {
        kind: 'account',
        id: principal.accountId,
        displayName: principal.displayName,
        // The support team works across organizations; what it may do there is the rules' to say.
        openOrganizationIds: principal.openOrganizationIds,
        session: { ...principal.assurance, method: principal.method },
        tenancy: principal.support ? asSystem : principal.tenancy,
        sourceAddress,
      };
    case 'service':
      return {
        kind: 'service',
        id: principal.apiKeyId,
        displayName: principal.name,
        tenancy: principal.tenancy,
        sourceAddress,
      };
    case 'support':
      return { kind: 'support', id: null, tenancy: principal.tenancy, sourceAddress };
  }
}

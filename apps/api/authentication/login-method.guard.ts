import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { inLowerCaseIds, Refusal } from '#contracts';
import type { AuthenticatedRequest } from './authentication.guard.ts';

/**
 * Tells a member plainly that this session is the wrong key: an organization named in the path that does not allow the
 * way the person signed in answers 403 instead of "nothing here". That it has no rights there is ensured elsewhere,
 * where rights are read; this is only the clear word.
 */
@Injectable()
export class LoginMethodGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { principal, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (principal?.kind !== 'account' || principal.closedOrganizationIds.length === 0 || principal.support) return true;
    const { tenancy, closedOrganizationIds, unprovenOrganizationIds } = principal;
    const named = Object.values(params)
      .filter((value) => typeof value === 'string')
      .map(inLowerCaseIds);
    const closed = closedOrganizationIds.find((id) => named.includes(id));
    if (closed !== undefined && unprovenOrganizationIds.includes(closed))
      throw new Refusal('step_up_required', { needed: 'second_factor', at: '/v1/sessions/current/proof' });
    // A customer that is reached through the partner is no dead end, whatever the own membership there asks for.
    const reached = closed !== undefined && tenancy.kind === 'tenant' && tenancy.reach.includes(closed);
    if (closed !== undefined && !reached) throw new Refusal('login_method_not_allowed');
    return true;
  }
}

import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { isInScope, type ApiKeyScope } from '#access';
import { Refusal, type ErrorCode } from '#contracts';
import { Decisions, refuseAct } from '#decisions';
import { isFromNetworks, noteRefusal, noteUse, type Principal } from '#identity';
import { Database } from '#persistence';
import { operationScope } from '../openapi/operation.ts';
import { openToEverybody, type AuthenticatedRequest } from './authentication.guard.ts';
import { actorOf } from './caller.ts';

type Service = Principal & { kind: 'service' };

/**
 * Where a key may be used and what for, before its roles are asked about. Deny by default: an operation that names no
 * scope is closed to every key. What somebody tries to change with a key that is not for it goes on record, and so does
 * a key that turns up elsewhere.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
    private readonly decisions: Decisions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { principal, standing } = request;
    if (principal?.kind !== 'service' || !standing?.callerKey) return true;
    const marked = [context.getHandler(), context.getClass()];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(openToEverybody, marked) === true;
    if (!isFromNetworks(request.ip ?? '', principal.allowedNetworks)) {
      if (await noteRefusal(this.database, principal.apiKeyId, standing.now))
        await this.refuse(request, principal, 'network_not_allowed');
      throw new Refusal('network_not_allowed');
    }
    const needed =
      this.reflector.getAllAndOverride<ApiKeyScope | 'any' | null | undefined>(operationScope, marked) ?? null;
    if (!isPublic && needed !== 'any' && !isInScope(principal.scopes, needed)) {
      const code = needed === null ? 'person_required' : 'scope_missing';
      const details = needed === null ? {} : { needed };
      if (request.method !== 'GET' && request.method !== 'HEAD') await this.refuse(request, principal, code, details);
      throw new Refusal(code, details);
    }
    await noteUse(this.database, standing.callerKey, standing.now);
    return true;
  }

  private refuse(
    request: AuthenticatedRequest,
    principal: Service,
    code: ErrorCode,
    details: Record<string, unknown> = {},
  ): Promise<never> {
    const act = {
      action: 'api-key.used',
      organizationIds: [principal.organizationId],
      subject: { kind: 'api-key', id: principal.apiKeyId },
    };
    return this.decisions.decide(actorOf(principal, request.ip), async () => refuseAct(act, code, details));
  }
}

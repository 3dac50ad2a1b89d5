import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { directoryOf } from '#decisions';
import { authenticate, type Authenticated } from '#identity';
import { Database, type StandingParameters } from '#persistence';
import { requireFormToken } from '../console/csrf.ts';
import { pageRoute } from '../console/pages.decorator.ts';
import { sessionTokenOf } from '../console/session-cookie.ts';
import type { AuthenticatedRequest } from './authenticated-request.ts';
import { RequestRateGuard } from '../rate-limit/request-rate.guard.ts';
import { configuration } from '../tokens.ts';

export const openToEverybody = 'open-to-everybody';

/** The route answers without authentication, and uses it where it is sent. */
export const Public = () => SetMetadata(openToEverybody, true);

const forDirectories = 'for-directories';

/** The route is for a tenant's directory: its token opens it, and nothing else does. */
export const ForDirectories = () => SetMetadata(forDirectories, true);

const asksStanding = 'asks-standing';

/** What a request wants to know, before anybody has checked its body. */
export type QuestionOf = (request: Request) => Partial<StandingParameters>;

/** The route judges by the standing its caller is authenticated with: both come in one statement. */
export const AsksStanding = (questionOf: QuestionOf) => SetMetadata(asksStanding, questionOf);

export type { AuthenticatedRequest };

/** Deny by default: every route that is not marked as public needs a live session, API key or the support token. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
    private readonly requestRate: RequestRateGuard,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.admit(context);
    } catch (error) {
      // Whoever tries tokens counts as their network: the next guard would never see them.
      await this.requestRate.canActivate(context);
      throw error;
    }
  }

  private async admit(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const marked = [context.getHandler(), context.getClass()];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(openToEverybody, marked) === true;
    if (this.reflector.getAllAndOverride<boolean | undefined>(pageRoute, marked))
      return this.admitBrowser(request, isPublic);
    if (this.reflector.getAllAndOverride<boolean | undefined>(forDirectories, marked))
      return this.admitDirectory(request);
    const authorization = onlyHeader(request, 'authorization');
    if (authorization === undefined && isPublic) return true;
    const token = bearerIn(authorization);
    const questionOf = this.reflector.getAllAndOverride<QuestionOf | undefined>(asksStanding, marked);
    const caller =
      token === undefined
        ? null
        : await authenticate(this.database, token, this.config.supportToken, questionOf?.(request));
    if (!caller) throw new Refusal('not_authenticated');
    admitted(request, caller);
    return true;
  }

  private async admitDirectory(request: AuthenticatedRequest): Promise<boolean> {
    const token = bearerIn(onlyHeader(request, 'authorization'));
    const directory = token === undefined ? null : await directoryOf(this.database, token);
    if (!directory) throw new Refusal('not_authenticated');
    request.directory = directory;
    return true;
  }

  /** On pages the session comes in the cookie and nowhere else, and whatever is not just read needs its form's token. */
  private async admitBrowser(request: AuthenticatedRequest, isPublic: boolean): Promise<boolean> {
    request.isPage = true;
    const token = sessionTokenOf(request, this.config);
    const caller = token === null ? null : await authenticate(this.database, token, this.config.supportToken);
    if (caller) admitted(request, caller);
    else if (!isPublic) throw new Refusal('not_authenticated');
    if (request.method !== 'GET' && request.method !== 'HEAD') requireFormToken(request, this.config);
    return true;
  }
}

const bearerIn = (authorization: string | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,500})$/i.exec(authorization ?? '')?.[1];

function admitted(request: AuthenticatedRequest, { principal, standing }: Authenticated): void {
  request.principal = principal;
  if (standing) request.standing = standing;
}

/** The header's value where it was sent; nothing valid where it was sent twice, as nobody knows which one a proxy judged. */
function onlyHeader({ headersDistinct }: Request, name: string): string | undefined {
  const values = headersDistinct[name];
  return values && values.length > 1 ? '' : values?.[0];
}

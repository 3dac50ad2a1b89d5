import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  createSession,
  me,
  Refusal,
  session,
  sessionList,
  sessionSummary,
  type Me,
  type SessionSummary,
} from '#contracts';
import {
  describeMe,
  describeService,
  describeSupport,
  Decisions,
  endOwnSession,
  endOwnSessions,
  leaveOrganization,
  listOwnSessions,
  offerLink,
  readCurrentSession,
  type Actor,
} from '#decisions';
import { endSession, signIn, type Principal } from '#identity';
import { Account, asSystem, Database, type Standing } from '#persistence';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Created } from '../answers/created.ts';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch } from '../answers/idempotency.ts';
import { Caller, CallerAsActor, StandingInSight } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('sessions')
@Controller('v1')
export class SessionsController {
  constructor(
    private readonly database: Database,
    private readonly decisions: Decisions,
  ) {}

  @Post('sessions')
  @Public()
  @Operation({
    summary: 'Sign in by password',
    answer: session,
    status: 201,
    isPublic: true,
    problems: ['wrong_credentials', 'second_factor_required', 'login_method_not_allowed'],
  })
  async create(
    @Body({ schema: createSession }) body: z.infer<typeof createSession>,
    @Req() request: AuthenticatedRequest,
  ): Promise<Created<z.infer<typeof session>>> {
    const opened = await signIn(this.database, {
      login: 'email' in body ? body.email : body.username,
      password: body.password,
      userAgent: request.headers['user-agent'] ?? null,
      sourceAddress: request.ip,
    });
    return new Created('/v1/sessions/current', {
      token: opened.token,
      expiresAt: opened.expiresAt.toISOString(),
      account: opened.account,
    });
  }

  @Delete('sessions/current')
  @HttpCode(204)
  @Operation({ summary: 'Sign out', status: 204, problems: ['person_required', 'version_mismatch'] })
  async end(@Caller() caller: Principal, @IfMatch() ifMatch: string | null): Promise<void> {
    const person = requirePerson(caller);
    await requireMatch(ifMatch, () => readCurrentSession(this.database, person));
    await endSession(this.database, person.sessionId);
  }

  @Get('sessions/current')
  @Operation({ summary: 'The session you call with', answer: sessionSummary, problems: ['person_required'] })
  async current(@Caller() caller: Principal): Promise<SessionSummary> {
    return readCurrentSession(this.database, requirePerson(caller));
  }

  @Get('sessions')
  @Operation({ summary: 'Where you are signed in', answer: sessionList, problems: ['person_required'] })
  async list(@Caller() caller: Principal): Promise<z.infer<typeof sessionList>> {
    return { items: await listOwnSessions(this.database, requirePerson(caller)) };
  }

  @Delete('sessions')
  @HttpCode(204)
  @Operation({
    summary: 'Sign out everywhere',
    description:
      'Every session of yours ends, the one you call with included; called in a single sign-on, those of its organization.',
    status: 204,
    problems: ['person_required'],
  })
  async endAll(@Caller() caller: Principal): Promise<void> {
    await endOwnSessions(this.database, requirePerson(caller));
  }

  @Delete('sessions/:sessionId')
  @HttpCode(204)
  @Operation({ summary: 'End one of your sessions', status: 204, problems: ['not_found', 'person_required'] })
  async revoke(@Caller() caller: Principal, @Param('sessionId', new ResourceId()) sessionId: string): Promise<void> {
    await endOwnSession(this.database, requirePerson(caller), sessionId);
  }

  @Post('me/address/prove')
  @HttpCode(202)
  @Operation({
    summary: 'Have a mail sent to your main address, to prove that it is yours',
    description:
      'For people their organization’s single sign-on let in: until then, what its provider says of the address counts in that organization alone. Opening the link and signing in once more proves it.',
    status: 202,
    problems: ['person_required'],
  })
  async proveAddress(@Caller() caller: Principal, @CallerAsActor() actor: Actor): Promise<void> {
    const { accountId, sessionOrganizationId } = requirePerson(caller);
    await this.decisions.decide({ ...actor, tenancy: asSystem }, async (decision) => {
      const account = await decision.em.findOneOrFail(Account, { id: accountId });
      // Whoever signs in by a password has answered a mail to get it.
      if (sessionOrganizationId) await offerLink(decision, sessionOrganizationId, account);
    });
  }

  @Delete('me/memberships/:memberId')
  @HttpCode(204)
  @Operation({
    summary: 'Leave an organization',
    description:
      'Always possible, but for its last Owner and its last full administrator. A session that one organization’s single sign-on made leaves what it opens.',
    status: 204,
    problems: ['not_found', 'person_required', 'last_owner', 'last_full_administrator'],
  })
  async leave(
    @Caller() caller: Principal,
    @CallerAsActor() actor: Actor,
    @Param('memberId', new ResourceId()) memberId: string,
  ): Promise<void> {
    const person = requirePerson(caller);
    await this.decisions.decide({ ...actor, tenancy: asSystem }, (decision) =>
      leaveOrganization(decision, person, memberId),
    );
  }

  @Get('me')
  @Operation({
    summary: 'Who you are, where you belong, and your roles',
    scope: 'any',
    description: 'An API key is told which `service` it is, and has no account and no memberships.',
    answer: me,
  })
  me(@Caller() caller: Principal, @StandingInSight() standing: Standing | null): Me {
    if (caller.kind === 'support' || !standing) return describeSupport();
    return caller.kind === 'service' ? describeService(standing) : describeMe(standing, caller);
  }
}

function requirePerson(caller: Principal): Principal & { kind: 'account' } {
  if (caller.kind !== 'account') throw new Refusal('person_required', { detail: 'Only people have sessions.' });
  return caller;
}

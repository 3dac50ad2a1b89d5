import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { endOwnSession, endOwnSessions, listOwnSessions } from '#decisions';
import type { Principal } from '#identity';
import { Database } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Caller } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { clearSessionCookie } from '../console/session-cookie.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';

/** Where I am signed in, and the way to end it there. */
@Pages()
@Controller('sessions')
export class OwnSessionsPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get()
  @Html()
  async list(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const sessions = await listOwnSessions(this.database, personIn(caller));
    return this.console.page(request, response, {
      template: 'sessions/own-sessions',
      title: 'Your sessions',
      model: { sessions: sessions.map((session) => ({ ...session, device: deviceOf(session.userAgent) })) },
    });
  }

  @Post('end-all')
  async endAll(@Caller() caller: Principal, @Res() response: Response): Promise<void> {
    await endOwnSessions(this.database, personIn(caller));
    clearSessionCookie(response, this.config);
    response.redirect(303, '/sign-in?notice=signed-out-everywhere');
  }

  @Post(':id/end')
  async end(
    @Caller() caller: Principal,
    @Param('id', new ResourceId()) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const person = personIn(caller);
    await endOwnSession(this.database, person, id);
    response.redirect(303, id === person.sessionId ? '/sign-in?notice=signed-out' : '/sessions?notice=session-ended');
  }
}

function personIn(caller: Principal): Principal & { kind: 'account' } {
  if (caller.kind !== 'account') throw new Refusal('forbidden');
  return caller;
}

const programs = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const;
const systems = [
  [/iPhone|iPad/, 'iPhone or iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
] as const;

/** A browser's own words about itself are for machines: enough of them that a person knows the device again. */
function deviceOf(userAgent: string | null): string {
  const text = userAgent ?? '';
  const program = programs.find(([pattern]) => pattern.test(text))?.[1];
  const system = systems.find(([pattern]) => pattern.test(text))?.[1];
  return [program ?? 'A program', ...(system ? [`on ${system}`] : [])].join(' ');
}

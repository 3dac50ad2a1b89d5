import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import {
  beginAuthenticatorApp,
  confirmAuthenticatorApp,
  Decisions,
  endOwnSession,
  endOwnSessions,
  listOwnSessions,
  proveAgain,
  readSignInMethods,
  removeAuthenticatorApp,
  renewRecoveryCodes,
  type Decision,
} from '#decisions';
import type { Principal } from '#identity';
import { asSystem, Database } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf, Caller } from '../authentication/caller.ts';
import { Console, type Page } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/problem-pages.ts';
import { clearSessionCookie } from '../console/session-cookie.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { factorKeysOf } from './factor-keys.ts';
import { proofTyped } from './proof-typed.ts';

type Person = Principal & { kind: 'account' };
type Decide = <T>(change: (decision: Decision) => Promise<T>) => Promise<T>;

const proofForm = z.object({
  password: optionalField(z.string().max(1000)),
  code: optionalField(z.string().max(100)),
});

const codesPage = (codes: string[]): Page => ({
  template: 'sessions/recovery-codes',
  title: 'Your recovery codes',
  model: { codes },
});

/** Where I am signed in, and the way to end it there. */
@Pages()
@Controller('sessions')
export class OwnSessionsPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    private readonly decisions: Decisions,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get()
  @Html()
  async list(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(personIn(caller), request, response);
  }

  private async page(
    person: Person,
    request: AuthenticatedRequest,
    response: Response,
    refusal: Refusal | null = null,
  ): Promise<string> {
    const sessions = await listOwnSessions(this.database, person);
    return this.console.page(request, response, {
      template: 'sessions/own-sessions',
      title: 'Your sessions',
      alert: refusal && wordsOf(refusal),
      model: {
        sessions: sessions.map((session) => ({ ...session, device: deviceOf(session.userAgent) })),
        methods: await readSignInMethods(this.database, person),
        mayEnrol: person.method !== 'sso',
      },
    });
  }

  /** What comes next: an address, or a page that shows something once. A refusal leaves the person where they are. */
  private async act(
    caller: Principal,
    request: AuthenticatedRequest,
    response: Response,
    work: (person: Person, decide: Decide) => Promise<string | Page>,
  ): Promise<string | undefined> {
    const person = personIn(caller);
    const actor = { ...actorOf(person, request.ip), tenancy: asSystem };
    try {
      const next = await work(person, (change) => this.decisions.decide(actor, change));
      if (typeof next !== 'string') return await this.console.page(request, response, next);
      response.redirect(303, next);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      return this.page(person, request, response, error);
    }
  }

  /** Proves anew who one is: by the password, or by what is enrolled beside it. */
  @Post('proof')
  @Html()
  async prove(
    @Caller() caller: Principal,
    @Body({ schema: proofForm }) { password, code }: z.infer<typeof proofForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    const proof = code === undefined ? { password: password ?? '' } : proofTyped(code);
    return this.act(caller, request, response, async (person) => {
      await proveAgain(this.database, factorKeysOf(this.config), person, proof, request.ip);
      return '/sessions?notice=proven';
    });
  }

  @Post('authenticator-app')
  @Html()
  async beginApp(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, async (person, decide) => {
      const model = await decide((decision) => beginAuthenticatorApp(decision, person));
      return { template: 'sessions/authenticator-app', title: 'Set up your authenticator app', model };
    });
  }

  @Post('authenticator-app/confirm')
  @Html()
  async confirmApp(
    @Caller() caller: Principal,
    @Body({ schema: proofForm }) { code = '' }: z.infer<typeof proofForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, async (person, decide) => {
      const { recoveryCodes } = await decide((decision) =>
        confirmAuthenticatorApp(decision, person, code.replace(/\s/g, '')),
      );
      return recoveryCodes ? codesPage(recoveryCodes) : '/sessions?notice=factor-enrolled';
    });
  }

  @Post('authenticator-app/remove')
  @Html()
  async removeApp(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, async (person, decide) => {
      await decide((decision) => removeAuthenticatorApp(decision, person));
      return '/sessions?notice=factor-removed';
    });
  }

  @Post('recovery-codes')
  @Html()
  async renewCodes(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, async (person, decide) =>
      codesPage(await decide((decision) => renewRecoveryCodes(decision, person))),
    );
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

function personIn(caller: Principal): Person {
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

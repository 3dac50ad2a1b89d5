import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { CompleteConfig } from '#config';
import { Refusal, singleLine } from '#contracts';
import {
  beginAuthenticatorApp,
  beginPasskeyEnrolment,
  beginPasskeyProof,
  confirmAuthenticatorApp,
  Decisions,
  endOwnSession,
  endOwnSessions,
  enrolPasskey,
  listOwnSessions,
  proveAgain,
  readSignInMethods,
  removeAuthenticatorApp,
  removePasskey,
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
import { wordsOf } from '../console/words-of-refusal.ts';
import { clearSessionCookie } from '../console/session-cookie.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { factorKeysOf } from './factor-keys.ts';
import { fieldsIn, keptForm } from './kept-form.ts';
import { newPasskey, passkeyForm, passkeyProof } from './passkey-form.ts';
import { proofTyped } from './proof-typed.ts';

type Person = Principal & { kind: 'account' };
type Decide = <T>(change: (decision: Decision) => Promise<T>) => Promise<T>;

const proofForm = passkeyForm.extend(keptForm.shape).extend({
  password: optionalField(z.string().max(1000)),
  code: optionalField(z.string().max(100)),
});
const enrolForm = passkeyForm.extend({ name: optionalField(singleLine(100)) });

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
    @Body({ schema: proofForm }) form: z.infer<typeof proofForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    if (form.again !== '/') return this.proveAndGoOn(personIn(caller), form, request, response);
    return this.act(caller, request, response, async (person) => {
      await proveAgain(this.database, factorKeysOf(this.config), person, proofIn(form), request.ip);
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

  /** Back to what asked for the proof, with what was typed there; a click sends it. */
  private async proveAndGoOn(
    person: Person,
    form: z.infer<typeof proofForm>,
    request: AuthenticatedRequest,
    response: Response,
  ): Promise<string> {
    const { again, kept } = form;
    try {
      await proveAgain(this.database, factorKeysOf(this.config), person, proofIn(form), request.ip);
      const model = { again, fields: fieldsIn(form) };
      return await this.console.page(request, response, { template: 'sessions/go-on', title: 'Go on', model });
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      return this.console.page(request, response, {
        template: 'sessions/step-up',
        title: 'Prove who you are',
        alert: wordsOf(error),
        model: { again, kept, singleSignOn: null, needsSecondFactor: form.password === undefined },
      });
    }
  }

  /** For the page's script, which has the device answer it. */
  @Post('proof/challenge')
  async proofChallenge(@Caller() caller: Principal, @Res() response: Response): Promise<void> {
    const { party } = factorKeysOf(this.config);
    response.json(await beginPasskeyProof(this.database, party, { person: personIn(caller) }));
  }

  @Post('passkeys/challenge')
  async passkeyChallenge(@Caller() caller: Principal, @Res() response: Response): Promise<void> {
    response.json(await beginPasskeyEnrolment(this.database, personIn(caller), factorKeysOf(this.config).party));
  }

  @Post('passkeys')
  @Html()
  async addPasskey(
    @Caller() caller: Principal,
    @Body({ schema: enrolForm }) form: z.infer<typeof enrolForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, async (person, decide) => {
      const made = { ...newPasskey(form), name: form.name ?? 'Passkey' };
      const { party } = factorKeysOf(this.config);
      const { recoveryCodes } = await decide((decision) => enrolPasskey(decision, person, party, made));
      return recoveryCodes ? codesPage(recoveryCodes) : '/sessions?notice=passkey-enrolled';
    });
  }

  @Post('passkeys/:passkeyId/remove')
  @Html()
  async removePasskey(
    @Caller() caller: Principal,
    @Param('passkeyId', new ResourceId()) passkeyId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, async (person, decide) => {
      await decide((decision) => removePasskey(decision, person, passkeyId));
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

function proofIn(form: z.infer<typeof proofForm>): Parameters<typeof proveAgain>[3] {
  if (form.passkeyResponse) return { passkey: passkeyProof(form) };
  return form.code === undefined ? { password: form.password ?? '' } : proofTyped(form.code);
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

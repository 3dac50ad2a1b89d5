import { Body, Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { CompleteConfig } from '#config';
import { errorCatalogue, Refusal, slug } from '#contracts';
import { beginPasskeyProof, beginPasskeySignIn, completeSignIn, signInByPasskey } from '#decisions';
import { endSession, signIn } from '#identity';
import { Database } from '#persistence';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Console } from '../console/console.ts';
import { localPath } from '../console/page-path.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf, type Alert } from '../console/words-of-refusal.ts';
import { clearSessionCookie, setSessionCookie } from '../console/session-cookie.ts';
import { configuration } from '../tokens.ts';
import { factorKeysOf } from './factor-keys.ts';
import { knownDeviceOf, rememberDevice } from './known-device.ts';
import { passkeyForm, passkeyProof } from './passkey-form.ts';
import { proofTyped } from './proof-typed.ts';

const signInQuery = z.object({
  return: z.string().catch('').transform(localPath),
  organization: z.string().trim().toLowerCase().max(100).optional(),
});

const signInForm = z.object({
  login: z.string().trim().max(254).default(''),
  password: z.string().max(1000).default(''),
  return: z.string().catch('').transform(localPath),
});

const passkeySignInForm = passkeyForm.extend({ return: z.string().catch('').transform(localPath) });
const challengeForm = z.object({ step: z.string().max(100).default('') });

const secondFactorForm = passkeyForm.extend({
  step: z.string().max(100).default(''),
  code: z.string().max(100).default(''),
  return: z.string().catch('').transform(localPath),
});

/** Signing in and out in a browser. */
@Pages()
@Controller()
export class SignInPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('sign-in')
  @Public()
  @Html()
  async show(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Query({ schema: signInQuery }) query: z.infer<typeof signInQuery>,
  ): Promise<string> {
    const organization = slug.safeParse(query.organization).data ?? null;
    return this.page(request, response, {
      return: query.return,
      login: '',
      organization: query.organization ?? '',
      singleSignOn: organization && { slug: organization },
    });
  }

  @Post('sign-in')
  @Public()
  @Html()
  async signIn(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: signInForm }) form: z.infer<typeof signInForm>,
  ): Promise<string | undefined> {
    try {
      const opened = await signIn(this.database, {
        login: form.login,
        password: form.password,
        userAgent: request.headers['user-agent'] ?? null,
        sourceAddress: request.ip,
        knownDevice: knownDeviceOf(request, form.login, this.config),
      });
      rememberDevice(request, response, form.login, this.config);
      setSessionCookie(response, opened.token, opened.expiresAt, this.config);
      response.redirect(303, form.return);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'second_factor_required') {
        rememberDevice(request, response, form.login, this.config);
        return this.secondFactorPage(request, response, { step: String(error.details['step']), return: form.return });
      }
      if (!(error instanceof Refusal) || !(error.code in answeredInPlace)) throw error;
      response.status(errorCatalogue[error.code].status);
      return this.page(
        request,
        response,
        { return: form.return, login: form.login, organization: '', singleSignOn: null },
        wordsOf(error),
      );
    }
  }

  /** For the page's script: any passkey of this service may answer, and no name is told. */
  @Post('sign-in/passkey/challenge')
  @Public()
  async passkeyChallenge(@Res() response: Response): Promise<void> {
    response.json(await beginPasskeySignIn(this.database, factorKeysOf(this.config).party));
  }

  @Post('sign-in/passkey')
  @Public()
  @Html()
  async signInByPasskey(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: passkeySignInForm }) form: z.infer<typeof passkeySignInForm>,
  ): Promise<string | undefined> {
    try {
      const opened = await signInByPasskey(this.database, factorKeysOf(this.config).party, {
        ...passkeyProof(form),
        userAgent: request.headers['user-agent'] ?? null,
        sourceAddress: request.ip,
      });
      setSessionCookie(response, opened.token, opened.expiresAt, this.config);
      response.redirect(303, form.return);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      const model = { return: form.return, login: '', organization: '', singleSignOn: null };
      return this.page(request, response, model, wordsOf(error));
    }
  }

  @Post('sign-in/second-factor/challenge')
  @Public()
  async secondChallenge(
    @Body({ schema: challengeForm }) { step }: z.infer<typeof challengeForm>,
    @Res() response: Response,
  ): Promise<void> {
    response.json(await beginPasskeyProof(this.database, factorKeysOf(this.config).party, { step }));
  }

  @Post('sign-in/second-factor')
  @Public()
  @Html()
  async secondFactor(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: secondFactorForm }) form: z.infer<typeof secondFactorForm>,
  ): Promise<string | undefined> {
    const { step, code, return: next } = form;
    try {
      const opened = await completeSignIn(this.database, factorKeysOf(this.config), {
        step,
        proof: form.passkeyResponse ? { passkey: passkeyProof(form) } : proofTyped(code),
        userAgent: request.headers['user-agent'] ?? null,
        sourceAddress: request.ip,
      });
      setSessionCookie(response, opened.token, opened.expiresAt, this.config);
      response.redirect(303, next);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || !(error.code in answeredAtSecondFactor)) throw error;
      response.status(error.status);
      return this.secondFactorPage(request, response, { step, return: next }, wordsOf(error));
    }
  }

  @Post('sign-out')
  @Public()
  async signOut(@Req() { principal }: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    if (principal?.kind === 'account') await endSession(this.database, principal.sessionId);
    clearSessionCookie(response, this.config);
    response.redirect(303, '/sign-in?notice=signed-out');
  }

  private secondFactorPage(
    request: AuthenticatedRequest,
    response: Response,
    model: { step: string; return: string },
    alert: Alert | null = null,
  ): Promise<string> {
    return this.console.page(request, response, {
      template: 'sessions/second-factor',
      title: 'One more proof',
      alert,
      model,
    });
  }

  private page(
    request: AuthenticatedRequest,
    response: Response,
    model: object,
    alert: Alert | null = null,
  ): Promise<string> {
    return this.console.page(request, response, { template: 'sessions/sign-in', title: 'Sign in', alert, model });
  }
}

/** Refusals that leave the person at the second form. */
const answeredAtSecondFactor = { second_factor_wrong: true, passkey_invalid: true, too_many_requests: true };

/** Refusals that leave the person at the form. */
const answeredInPlace = { wrong_credentials: true, login_method_not_allowed: true, too_many_requests: true };

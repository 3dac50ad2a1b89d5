import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { CompleteConfig } from '#config';
import { email, normalizeAddress, password, Refusal } from '#contracts';
import { aVisitor, completePasswordReset, Decisions, isResetLinkOpen, requestPasswordReset } from '#decisions';
import { countAttempt } from '#identity';
import { asSystem, Database } from '#persistence';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { clearSessionCookie } from '../console/session-cookie.ts';
import { configuration } from '../tokens.ts';
import { resetLimits } from './passwords.controller.ts';

const forgotForm = z.object({ email: z.string().trim().max(254).default('') });
const resetForm = z.object({ password: password.catch('') });

/** Setting a new password by mail. Opening the mail's link changes nothing; sending the form uses it up. */
@Pages()
@Controller()
export class PasswordsPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('forgot-password')
  @Public()
  @Html()
  async show(@Req() request: AuthenticatedRequest, @Res({ passthrough: true }) response: Response): Promise<string> {
    return this.forgotPage(request, response, '');
  }

  /** The mail that tells of a new password leads here, should somebody else have set it. */
  @Get('reset-password')
  @Public()
  redirect(@Res() response: Response): void {
    response.redirect(303, '/forgot-password');
  }

  @Post('forgot-password')
  @Public()
  @Html()
  async request(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: forgotForm }) form: z.infer<typeof forgotForm>,
  ): Promise<string | undefined> {
    const address = email.safeParse(form.email);
    try {
      if (!address.success)
        throw new Refusal('invalid_request', {
          errors: [{ pointer: '/email', message: 'Write an e-mail address such as ada@example.com' }],
        });
      await countAttempt(this.database, resetLimits, {
        name: normalizeAddress(address.data),
        sourceAddress: request.ip,
      });
      await this.decisions.decide(aVisitor(request.ip), (decision) => requestPasswordReset(decision, address.data));
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      return this.forgotPage(request, response, form.email, error);
    }
    response.redirect(303, '/sign-in?notice=reset-sent');
    return undefined;
  }

  @Get('reset-password/:token')
  @Public()
  @Html()
  async choose(
    @Param('token') token: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    // Said before somebody thinks of a password for nothing.
    if (!(await this.database.transaction(asSystem, (em) => isResetLinkOpen(em, token)))) {
      const refusal = new Refusal('reset_link_invalid');
      response.status(refusal.status);
      return this.forgotPage(request, response, '', refusal);
    }
    return this.resetPage(request, response, token);
  }

  @Post('reset-password/:token')
  @Public()
  @Html()
  async complete(
    @Param('token') token: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: resetForm }) form: z.infer<typeof resetForm>,
  ): Promise<string | undefined> {
    try {
      await this.decisions.decide(aVisitor(request.ip), (decision) =>
        completePasswordReset(decision, { token, password: form.password }),
      );
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      return error.code === 'reset_link_invalid'
        ? this.forgotPage(request, response, '', error)
        : this.resetPage(request, response, token, error);
    }
    clearSessionCookie(response, this.config);
    response.redirect(303, '/sign-in?notice=password-changed');
    return undefined;
  }

  private forgotPage(request: AuthenticatedRequest, response: Response, typed: string, refusal: Refusal | null = null) {
    return this.console.page(request, response, {
      template: 'passwords/forgot',
      title: 'Set a new password',
      alert: refusal && wordsOf(refusal),
      model: { email: typed },
    });
  }

  private resetPage(request: AuthenticatedRequest, response: Response, token: string, refusal: Refusal | null = null) {
    return this.console.page(request, response, {
      template: 'passwords/reset',
      title: 'Choose a new password',
      alert: refusal && wordsOf(refusal),
      model: { action: `/reset-password/${encodeURIComponent(token)}` },
    });
  }
}

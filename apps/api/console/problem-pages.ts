import type { RequestListener } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { CompleteConfig } from '#config';
import { authenticate } from '#identity';
import { Database } from '#persistence';
import type { Refusal } from '#contracts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { onlySayingNoIn } from '../authentication/caller.ts';
import { configuration } from '../tokens.ts';
import { keepForm } from '../sessions/kept-form.ts';
import { Console, type Page } from './console.ts';
import { wordsOf } from './words-of-refusal.ts';
import { isPagePath, localPath, signInPath } from './page-path.ts';
import { clearSessionCookie, sessionTokenOf } from './session-cookie.ts';

const problemPage = (refusal: Refusal, instance: string, { principal }: AuthenticatedRequest): Page => ({
  template: 'console/problem',
  title: wordsOf(refusal).title,
  model: {
    ...wordsOf(refusal),
    // A mail leads to what the session has stopped to open; the same link whatever is not found, so it tells nothing.
    saysNo: refusal.code === 'not_found' && onlySayingNoIn(principal).length > 0,
    signIn: refusal.code === 'not_authenticated' || refusal.code === 'account_exists',
    above: null,
    instance: refusal.status >= 500 ? instance : null,
  },
});

/** No route is there: a mistyped address, or a form's own, which reloading and going back open without the form. */
const nowherePage = ({ path }: AuthenticatedRequest): Page => ({
  template: 'console/problem',
  title: 'There is no page at this address',
  model: {
    title: 'There is no page at this address',
    next: 'Nothing was changed. If you came here by reloading or going back, open the page above it.',
    saysNo: false,
    signIn: false,
    instance: null,
    above: path.replace(/\/[^/]*\/?$/, '') || null,
  },
});

/** The proof that is asked for, and what was sent kept for afterwards. */
function proofFirst({ originalUrl, body, principal }: AuthenticatedRequest, { details }: Refusal): Page {
  const { needed, at } = details as { needed?: string; at?: string };
  const isByProvider = principal?.kind === 'account' && principal.method === 'sso';
  return {
    template: 'sessions/step-up',
    title: 'Prove who you are',
    model: {
      ...keepForm(originalUrl, body),
      needsSecondFactor: needed === 'second_factor',
      singleSignOn: isByProvider ? (at ?? null) : null,
    },
  };
}

/** Errors on pages are pages: same place, same codes and statuses, words for people. */
@Injectable()
export class ProblemPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  isFor(request: AuthenticatedRequest): boolean {
    if (request.isPage) return true;
    return isPagePath(request.path) && (request.headers.accept ?? '').includes('text/html');
  }

  async answer(request: AuthenticatedRequest, response: Response, refused: Refusal, instance: string): Promise<void> {
    // Where the form's own page cannot be read, what the form was refused for stands on a page of its own.
    const refusal = request.refusedForm?.refusal ?? refused;
    if (this.readFormAgain(request, response, refusal)) return;
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (refusal.code === 'not_authenticated') {
      if (sessionTokenOf(request, this.config) !== null) clearSessionCookie(response, this.config);
      // A page that stays open asks for a part of itself; it must go as a whole.
      if (request.headers['hx-request']) response.setHeader('HX-Redirect', '/sign-in');
      else if (isReading) return response.redirect(303, signInPath(request));
    }
    // Where no route answered, no guard has looked who asks.
    const isNowhere = request.isPage !== true && refusal.code === 'not_found';
    if (isNowhere) await this.recognize(request);
    const page =
      refusal.code === 'step_up_required' && !isReading
        ? proofFirst(request, refusal)
        : isNowhere
          ? nowherePage(request)
          : problemPage(refusal, instance, request);
    const html = await this.console.page(request, response, page).catch(() => null);
    response.status(refusal.status);
    // Without a database there is no frame to show; the words are what matters.
    if (html === null)
      response.type('text/plain; charset=utf-8').send(`${wordsOf(refusal).title}\n\n${wordsOf(refusal).next}\n`);
    else response.type('text/html; charset=utf-8').send(html);
  }

  /**
   * What a person filled in wrongly is shown where they filled it in: the page that the form says it is on is read in
   * place of the form's own address, and the frame marks its fields. True where that is on its way.
   */
  private readFormAgain(request: AuthenticatedRequest, response: Response, refusal: Refusal): boolean {
    const { form_page: formPage } = (request.body ?? {}) as { form_page?: unknown };
    const page = localPath(formPage);
    if (request.method !== 'POST' || refusal.status !== 400 || page !== formPage) return false;
    request.refusedForm = { refusal, action: request.path };
    request.method = 'GET';
    request.url = page;
    request.originalUrl = page;
    (request.app as unknown as RequestListener)(request, response);
    return true;
  }

  /** So that the frame around the words is the one of whoever is signed in; without a database it is a visitor's. */
  private async recognize(request: AuthenticatedRequest): Promise<void> {
    const token = sessionTokenOf(request, this.config);
    if (token === null) return;
    const caller = await authenticate(this.database, token, this.config.supportToken).catch(() => null);
    if (!caller) return;
    request.principal = caller.principal;
    if (caller.standing) request.standing = caller.standing;
  }
}

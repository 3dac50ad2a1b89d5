import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { CompleteConfig } from '#config';
import { authenticate } from '#identity';
import { Database } from '#persistence';
import { errorCatalogue, type ErrorCode, type Refusal } from '#contracts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { onlySayingNoIn } from '../authentication/caller.ts';
import { configuration } from '../tokens.ts';
import { keepForm } from '../sessions/kept-form.ts';
import { Console, type Page } from './console.ts';
import { isPagePath, signInPath } from './page-path.ts';
import { clearSessionCookie, sessionTokenOf } from './session-cookie.ts';

/** Where the catalogue speaks to programs, pages say it to people. */
const wordsOnPages: Readonly<Partial<Record<ErrorCode, { title: string; next: string }>>> = {
  invalid_request: {
    title: 'Something in the form is missing or not right',
    next: 'Go back, check what you entered and send it again.',
  },
  not_authenticated: {
    title: 'Your session has ended',
    next: 'Nothing was changed. Sign in, and repeat what you did.',
  },
  wrong_credentials: {
    title: 'Name or password is not right',
    next: 'Try again, or set a new password with “Forgot your password?”.',
  },
  password_not_acceptable: {
    title: 'This password will not do',
    next: 'Choose another one.',
  },
  name_not_acceptable: { title: 'This name will not do', next: '' },
  address_not_acceptable: { title: 'This address will not do', next: '' },
  step_up_required: {
    title: 'Nothing was changed: a fresh proof of who you are is needed',
    next: 'Open “Your sessions”, prove there who you are, come back and repeat it within ten minutes.',
  },
  second_factor_wrong: {
    title: 'This code is wrong or has been used',
    next: 'Enter the digits the app shows now, or another recovery code.',
  },
  csrf_token_invalid: {
    title: 'This form is too old or came from elsewhere',
    next: 'Nothing was changed. Open the page again and repeat what you did.',
  },
  not_found: {
    title: 'There is nothing here for you',
    next: 'Check the address. If it came in a mail, you may be signed in with another account than the one the mail went to.',
  },
  login_method_not_allowed: {
    title: 'This organization does not allow this way of signing in',
    next: 'Sign in the way the organization allows: with your company’s single sign-on instead of a password, or the other way round.',
  },
  duration_above_policy: {
    title: 'That is longer than allowed',
    next: 'Choose a shorter time.',
  },
  elevation_not_pending: {
    title: 'Nothing was changed: this request is closed already',
    next: 'Below you see how it stands.',
  },
  grant_not_active: {
    title: 'Nothing was changed: this access is over already',
    next: 'Below you see how it stands.',
  },
  account_exists: {
    title: 'There is an account for this address already',
    next: 'Sign in with it, then open the link of the mail again.',
  },
  purpose_required: { title: 'Decrypt access needs a purpose', next: 'Choose what it is for and send it again.' },
  unavailable: {
    title: 'The service cannot answer at the moment',
    next: 'Wait a few seconds and try again. If you were changing something, look first whether it was done.',
  },
  internal_error: {
    title: 'Something went wrong on our side',
    next: 'Try again. If it stays, tell whoever runs this service the number below.',
  },
  method_not_allowed: { title: 'This page is only for reading', next: 'Go back to the start.' },
  too_many_requests: { title: 'Too many attempts', next: 'Wait a moment, then try again.' },
};

/** What happened and what to do next, for a person. */
export function wordsOf({ code, details }: Refusal): { title: string; next: string } {
  const { title, next } = wordsOnPages[code] ?? errorCatalogue[code];
  const { errors } = details as { errors?: readonly { pointer: string; message: string }[] };
  const [first] = errors ?? [];
  const saysWhy: readonly ErrorCode[] = ['password_not_acceptable', 'name_not_acceptable', 'address_not_acceptable'];
  if (first && saysWhy.includes(code)) return { title, next: `${first.message} ${next}` };
  return {
    title,
    next: first && code === 'invalid_request' ? `${next} (${fieldOf(first.pointer)}: ${first.message})` : next,
  };
}

const fieldOf = (pointer: string) =>
  pointer
    .slice(1)
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase() || 'the form';

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

  async answer(request: AuthenticatedRequest, response: Response, refusal: Refusal, instance: string): Promise<void> {
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

import { errorCatalogue, type ErrorCode, type Refusal } from '#contracts';
import { pointerOf } from '../problem/pointers.ts';
import type { FieldError } from './mark-fields.ts';

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

export interface Alert {
  title: string;
  next: string;
  /** What is wrong with which field. */
  errors: readonly FieldError[];
}

/** What happened and what to do next, for a person. */
export function wordsOf(refusal: Refusal): Alert {
  return { ...sentencesOf(refusal), errors: errorsIn(refusal) };
}

/** Refusals by a rule about one field, whatever their status. */
const fieldOfRule: Readonly<Partial<Record<ErrorCode, string>>> = {
  address_mismatch: '/email',
  second_factor_wrong: '/code',
};

function errorsIn({ code, status, details }: Refusal): FieldError[] {
  const { title, next } = wordsOnPages[code] ?? errorCatalogue[code];
  const { errors } = details as { errors?: readonly FieldError[] };
  if (errors)
    return errors.map((error) => ({
      ...error,
      ...(code === 'invalid_request' && { messageOfChoice: 'Choose one of these' }),
    }));
  const pointer = fieldOfRule[code] ?? (status === 400 ? pointerOf(code) : '');
  return pointer === '' ? [] : [{ pointer, message: `${title}. ${next}` }];
}

function sentencesOf({ code, details }: Refusal): { title: string; next: string } {
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

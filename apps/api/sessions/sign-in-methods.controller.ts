import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Request } from 'express';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import {
  authenticatorSecret,
  completeSignIn as completeBody,
  confirmAuthenticatorApp as confirmBody,
  enrolledPasskey,
  enrolPasskey as enrolBody,
  passkeyAnswer,
  passkeyChallenge,
  proveAgain as proveBody,
  recoveryCodes,
  Refusal,
  session,
  sessionSummary,
  signInMethods,
  signInStep,
  type SessionSummary,
  type SignInMethodsView,
} from '#contracts';
import {
  beginAuthenticatorApp,
  beginPasskeyEnrolment,
  beginPasskeyProof,
  beginPasskeySignIn,
  completeSignIn,
  confirmAuthenticatorApp,
  Decisions,
  enrolPasskey,
  proveAgain,
  readCurrentSession,
  readSignInMethods,
  removeAuthenticatorApp,
  removePasskey,
  renewRecoveryCodes,
  signInByPasskey,
  viewPasskey,
  type Decision,
  type SecondFactorProof,
} from '#decisions';
import type { OpenedSession, Principal } from '#identity';
import { asSystem, Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { Public } from '../authentication/authentication.guard.ts';
import { actorOf, Caller } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { factorKeysOf } from './factor-keys.ts';

type Person = Principal & { kind: 'account' };
const ownFactors = ['person_required', 'own_factors_by_single_sign_on', 'step_up_required'] as const;

/** Passkeys, authenticator app and recovery codes: enrolling, signing in with them, and proving anew who one is. */
@ApiTags('sessions')
@Controller('v1')
export class SignInMethodsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Post('sessions/passkey/challenge')
  @HttpCode(200)
  @Public()
  @Operation({
    summary: 'Begin to sign in by passkey',
    description: '`options` is for `PublicKeyCredential.parseRequestOptionsFromJSON` in the browser.',
    answer: passkeyChallenge,
    isPublic: true,
  })
  async challenge() {
    return beginPasskeySignIn(this.database, factorKeysOf(this.config).party);
  }

  @Post('sessions/passkey')
  @Public()
  @Operation({
    summary: 'Sign in by passkey',
    answer: session,
    status: 201,
    isPublic: true,
    problems: ['passkey_invalid', 'sign_in_step_lost', 'login_method_not_allowed'],
  })
  async signIn(
    @Body({ schema: passkeyAnswer }) { step, response }: z.infer<typeof passkeyAnswer>,
    @Req() request: Request,
  ) {
    const opened = await signInByPasskey(this.database, factorKeysOf(this.config).party, {
      step,
      response: response as unknown as AuthenticationResponseJSON,
      userAgent: request.headers['user-agent'] ?? null,
      sourceAddress: request.ip,
    });
    return createdSession(opened);
  }

  @Post('sessions/second-factor/challenge')
  @HttpCode(200)
  @Public()
  @Operation({
    summary: 'Ask for a challenge to prove a passkey as the second factor',
    answer: passkeyChallenge,
    isPublic: true,
    problems: ['sign_in_step_lost'],
  })
  async secondChallenge(@Body({ schema: signInStep }) body: z.infer<typeof signInStep>) {
    return beginPasskeyProof(this.database, factorKeysOf(this.config).party, body);
  }

  @Post('sessions/second-factor')
  @Public()
  @Operation({
    summary: 'Finish a sign-in with the second factor',
    description: 'With the `step` of the 401 `second_factor_required` that the right password was answered with.',
    answer: session,
    status: 201,
    isPublic: true,
    problems: ['second_factor_wrong', 'passkey_invalid', 'sign_in_step_lost', 'login_method_not_allowed'],
  })
  async secondFactor(@Body({ schema: completeBody }) body: z.infer<typeof completeBody>, @Req() request: Request) {
    const opened = await completeSignIn(this.database, factorKeysOf(this.config), {
      step: body.step,
      proof: body as unknown as SecondFactorProof,
      userAgent: request.headers['user-agent'] ?? null,
      sourceAddress: request.ip,
    });
    return createdSession(opened);
  }

  @Post('sessions/current/proof/challenge')
  @HttpCode(200)
  @Operation({
    summary: 'Ask for a challenge to prove anew by passkey who you are',
    answer: passkeyChallenge,
    problems: ['person_required'],
  })
  async proofChallenge(@Caller() caller: Principal) {
    return beginPasskeyProof(this.database, factorKeysOf(this.config).party, { person: personOf(caller) });
  }

  @Post('sessions/current/proof')
  @HttpCode(200)
  @Operation({
    summary: 'Prove anew who you are',
    description:
      'What `step_up_required` asks for. A password makes the session `recent`, anything else `second_factor`.',
    answer: sessionSummary,
    problems: [
      'person_required',
      'wrong_credentials',
      'second_factor_wrong',
      'passkey_invalid',
      'sign_in_step_lost',
      'own_factors_by_single_sign_on',
    ],
  })
  async prove(
    @Caller() caller: Principal,
    @Body({ schema: proveBody }) body: z.infer<typeof proveBody>,
    @Req() { ip }: Request,
  ): Promise<SessionSummary> {
    const person = personOf(caller);
    const proof = body as unknown as SecondFactorProof | { password: string };
    await proveAgain(this.database, factorKeysOf(this.config), person, proof, ip);
    return readCurrentSession(this.database, person);
  }

  @Get('me/sign-in-methods')
  @Operation({ summary: 'By what you may sign in', answer: signInMethods, problems: ['person_required'] })
  async list(@Caller() caller: Principal): Promise<SignInMethodsView> {
    return readSignInMethods(this.database, personOf(caller));
  }

  @Post('me/passkeys/challenge')
  @HttpCode(200)
  @Operation({
    summary: 'Begin to enrol a passkey',
    description: '`options` is for `PublicKeyCredential.parseCreationOptionsFromJSON` in the browser.',
    answer: passkeyChallenge,
    problems: [...ownFactors, 'passkey_limit_reached'],
  })
  async beginPasskey(@Caller() caller: Principal) {
    return beginPasskeyEnrolment(this.database, personOf(caller), factorKeysOf(this.config).party);
  }

  @Post('me/passkeys')
  @Operation({
    summary: 'Enrol a passkey',
    answer: enrolledPasskey,
    status: 201,
    problems: [...ownFactors, 'passkey_invalid', 'sign_in_step_lost'],
  })
  async enrolPasskey(
    @Caller() caller: Principal,
    @Body({ schema: enrolBody }) { step, response, name }: z.infer<typeof enrolBody>,
    @Req() { ip }: Request,
  ) {
    const person = personOf(caller);
    const { party } = factorKeysOf(this.config);
    const made = await this.decide(person, ip, (decision) =>
      enrolPasskey(decision, person, party, { step, name, response: response as unknown as RegistrationResponseJSON }),
    );
    return new Created('/v1/me/sign-in-methods', {
      ...viewPasskey(made.passkey),
      recoveryCodes: made.recoveryCodes,
    });
  }

  @Delete('me/passkeys/:passkeyId')
  @HttpCode(204)
  @Operation({ summary: 'Remove a passkey', status: 204, problems: [...ownFactors, 'not_found'] })
  async removePasskey(
    @Caller() caller: Principal,
    @Param('passkeyId', new ResourceId()) passkeyId: string,
    @Req() { ip }: Request,
  ): Promise<void> {
    const person = personOf(caller);
    await this.decide(person, ip, (decision) => removePasskey(decision, person, passkeyId));
  }

  @Post('me/authenticator-app')
  @HttpCode(200)
  @Operation({
    summary: 'Begin to enrol an authenticator app',
    description: 'It counts once its first digits were confirmed. `uri` is what the app reads from a QR code.',
    answer: authenticatorSecret,
    problems: [...ownFactors, 'authenticator_app_present'],
  })
  async beginApp(@Caller() caller: Principal, @Req() { ip }: Request) {
    const person = personOf(caller);
    return this.decide(person, ip, (decision) => beginAuthenticatorApp(decision, person));
  }

  @Post('me/authenticator-app/confirm')
  @HttpCode(200)
  @Operation({
    summary: 'Confirm the authenticator app with the digits it shows',
    answer: recoveryCodes,
    problems: [...ownFactors, 'not_found', 'second_factor_wrong'],
  })
  async confirmApp(
    @Caller() caller: Principal,
    @Body({ schema: confirmBody }) { code }: z.infer<typeof confirmBody>,
    @Req() { ip }: Request,
  ) {
    const person = personOf(caller);
    return this.decide(person, ip, (decision) => confirmAuthenticatorApp(decision, person, code.replace(/\s/g, '')));
  }

  @Delete('me/authenticator-app')
  @HttpCode(204)
  @Operation({ summary: 'Remove the authenticator app', status: 204, problems: [...ownFactors, 'not_found'] })
  async removeApp(@Caller() caller: Principal, @Req() { ip }: Request): Promise<void> {
    const person = personOf(caller);
    await this.decide(person, ip, (decision) => removeAuthenticatorApp(decision, person));
  }

  @Post('me/recovery-codes')
  @HttpCode(200)
  @Operation({
    summary: 'Make new recovery codes',
    description: 'Shown this once; the old ones are void.',
    answer: recoveryCodes,
    problems: [...ownFactors],
  })
  async renewCodes(@Caller() caller: Principal, @Req() { ip }: Request) {
    const person = personOf(caller);
    return { recoveryCodes: await this.decide(person, ip, (decision) => renewRecoveryCodes(decision, person)) };
  }

  /** As the system: no tenant has business with how somebody signs in. */
  private decide<T>(person: Person, ip: string | undefined, work: (decision: Decision) => Promise<T>): Promise<T> {
    return this.decisions.decide({ ...actorOf(person, ip), tenancy: asSystem }, work);
  }
}

const createdSession = ({ token, expiresAt, account }: OpenedSession) =>
  new Created('/v1/sessions/current', { token, expiresAt: expiresAt.toISOString(), account });

function personOf(caller: Principal): Person {
  if (caller.kind !== 'account') throw new Refusal('person_required', { detail: 'Only people sign in.' });
  return caller;
}

import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { deriveKey, type CompleteConfig } from '#config';
import {
  exchangeSessionCode as exchangeBody,
  organizationSlug,
  Refusal,
  session,
  sessionCode,
  startSingleSignOn,
} from '#contracts';
import { Decisions, exchangeSessionCode, issueSessionCode, signInBySingleSignOn, type Actor } from '#decisions';
import {
  beginSingleSignOn,
  completeSingleSignOn,
  openSession,
  unseal,
  type Identified,
  type IdentityProvider,
  type OpenedSession,
} from '#identity';
import { asSystem, Database, databaseNow, Organization } from '#persistence';
import { Created } from '../answers/created.ts';
import { Public } from '../authentication/authentication.guard.ts';
import { localPath } from '../console/page-path.ts';
import { setSessionCookie } from '../console/session-cookie.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration } from '../tokens.ts';
import { recallSignOn, rememberSignOn, type SignOnUnderWay } from './transaction-cookie.ts';

type Outcome = { kind: 'session'; opened: OpenedSession } | { kind: 'code'; code: string; expiresAt: Date };

/** Single sign-on by OpenID Connect: authorization code flow with PKCE, state and nonce, per organization. */
@ApiTags('sessions')
@Controller()
export class SingleSignOnController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('sso/:organizationSlug/start')
  @Public()
  @Operation({
    summary: "Go to the organization's identity provider",
    description: [
      'A browser is sent to the provider, back to `/sso/callback`, and is then signed in at the path `return`.',
      'An API client that wants a token makes a random `codeVerifier` (43 to 128 characters of A–Z, a–z, 0–9, `-._~`), opens this',
      'address in the browser with `codeChallenge` = base64url(SHA-256(codeVerifier)), and gets a one-time code instead: in the',
      'query `code` of its `redirectUri`, a loopback address such as `http://127.0.0.1:49152/done`, or without one as the answer of',
      'the callback. `POST /v1/sessions/sso` exchanges it within a minute.',
    ].join(' '),
    status: 303,
    isPublic: true,
    problems: ['not_found', 'login_method_not_allowed', 'sso_misconfigured', 'sso_unavailable', 'sso_failed'],
  })
  async start(
    @Param('organizationSlug') wanted: string,
    @Query({ schema: startSingleSignOn }) query: z.infer<typeof startSingleSignOn>,
    @Res() response: Response,
  ): Promise<void> {
    if (query.redirectUri !== undefined && query.codeChallenge === undefined) {
      throw new Refusal('invalid_request', {
        errors: [{ pointer: '/codeChallenge', message: 'Required with redirectUri' }],
      });
    }
    const slug = organizationSlug.safeParse(wanted.toLowerCase());
    const now = await this.now();
    const organization = slug.success ? await this.organization({ slug: slug.data }) : null;
    if (!organization) throw new Refusal('not_found');
    const { url, transaction } = await beginSingleSignOn(this.providerOf(organization), this.options(now));
    const signOn = {
      organizationId: organization.id,
      transaction,
      returnPath: localPath(query.return),
      codeChallenge: query.codeChallenge ?? null,
      redirectUri: query.redirectUri ?? null,
    };
    rememberSignOn(response, signOn, this.config, now);
    response.setHeader('Cache-Control', 'no-store');
    response.redirect(303, url.href);
  }

  @Get('sso/callback')
  @Public()
  @Operation({
    summary: 'Come back from the identity provider',
    description:
      'Only in the browser that began. The first sign-in of an invited, verified address accepts the invite; without membership and invite it is refused, and no account is made.',
    answer: sessionCode,
    isPublic: true,
    problems: [
      'sso_transaction_lost',
      'sso_failed',
      'sso_unavailable',
      'sso_misconfigured',
      'login_method_not_allowed',
      'no_membership',
      'address_not_verified',
      'inviter_not_entitled',
    ],
  })
  async callback(@Req() request: Request, @Res() response: Response): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    const now = await this.now();
    const signOn = recallSignOn(request, response, this.config, now);
    const organization = await this.organization({ id: signOn.organizationId });
    if (!organization) throw new Refusal('sso_transaction_lost');
    const identified = await completeSingleSignOn(
      this.providerOf(organization),
      this.options(now),
      signOn.transaction,
      new URL(request.originalUrl, this.config.publicUrl),
    );
    const outcome = await this.signIn(signOn, identified, request);
    if (outcome.kind === 'session') {
      setSessionCookie(response, outcome.opened.token, outcome.opened.expiresAt, this.config);
      response.redirect(303, signOn.returnPath);
      return;
    }
    const { code, expiresAt } = outcome;
    if (signOn.redirectUri === null) {
      response.json({ code, expiresAt: expiresAt.toISOString() });
      return;
    }
    const back = new URL(signOn.redirectUri);
    back.searchParams.set('code', code);
    response.redirect(303, back.href);
  }

  @Post('v1/sessions/sso')
  @Public()
  @Operation({
    summary: 'Exchange the code of a single sign-on for a session',
    description:
      'See `GET /sso/{organizationSlug}/start` for how to get one. A code works once, within a minute, and only with the verifier whose challenge began the sign-in.',
    answer: session,
    status: 201,
    isPublic: true,
    problems: ['session_code_invalid'],
  })
  async exchange(
    @Body({ schema: exchangeBody }) body: z.infer<typeof exchangeBody>,
    @Req() request: Request,
  ): Promise<Created<z.infer<typeof session>>> {
    const opened = await exchangeSessionCode(this.database, { ...body, userAgent: userAgentOf(request) });
    return new Created('/v1/sessions/current', {
      token: opened.token,
      expiresAt: opened.expiresAt.toISOString(),
      account: opened.account,
    });
  }

  private async signIn(signOn: SignOnUnderWay, identified: Identified, request: Request): Promise<Outcome> {
    const { organizationId, codeChallenge } = signOn;
    const actor: Actor = { kind: 'account', id: null, tenancy: asSystem, sourceAddress: request.ip };
    return this.decisions.decide(actor, async (decision): Promise<Outcome> => {
      const account = await signInBySingleSignOn(decision, organizationId, identified);
      if (codeChallenge !== null) {
        const issued = await issueSessionCode(decision.em, { accountId: account.id, organizationId, codeChallenge });
        return { kind: 'code', ...issued };
      }
      const userAgent = userAgentOf(request);
      return {
        kind: 'session',
        opened: await openSession(decision.em, account, { method: 'sso', organizationId, userAgent }),
      };
    });
  }

  private async organization(where: { slug: string } | { id: string }): Promise<Organization | null> {
    return this.database.transaction(asSystem, (em) => em.findOne(Organization, where));
  }

  private providerOf({ sso, loginMethods }: Organization): IdentityProvider {
    if (!sso || !loginMethods.includes('sso')) throw new Refusal('login_method_not_allowed', { loginMethods });
    const { issuer, clientId, sealedClientSecret } = sso;
    const clientSecret = unseal(deriveKey(this.config.payloadKey, 'stored-secrets'), sealedClientSecret);
    return { issuer, clientId, clientSecret };
  }

  private async now(): Promise<Date> {
    return this.database.transaction(asSystem, databaseNow);
  }

  private options(now: Date) {
    return {
      now,
      redirectUri: `${this.config.publicUrl}/sso/callback`,
      production: this.config.nodeEnv === 'production',
      allowPrivate: this.config.allowPrivateAddresses,
    };
  }
}

const userAgentOf = (request: Request): string | null => request.headers['user-agent'] ?? null;

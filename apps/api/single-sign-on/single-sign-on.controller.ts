import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import { exchangeSessionCode as exchangeBody, backFromProvider, Refusal, session, sessionCode } from '#contracts';
import {
  aVisitor,
  Decisions,
  exchangeSessionCode,
  issueSessionCode,
  proofOfProvider,
  recordProviderTest,
  refuseSignOn,
  signInBySingleSignOn,
} from '#decisions';
import {
  completeSingleSignOn,
  openSession,
  providerDigest,
  type Identified,
  type IdentityProvider,
  type OpenedSession,
} from '#identity';
import { asSystem, Database, databaseNow, Organization } from '#persistence';
import { Created } from '../answers/created.ts';
import { Public } from '../authentication/authentication.guard.ts';
import { Console } from '../console/console.ts';
import { setSessionCookie } from '../console/session-cookie.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration } from '../tokens.ts';
import { providerOf, singleSignOnOptions, unsealedProvider } from './provider-of.ts';
import { recallSignOn, type SignOnUnderWay } from './transaction-cookie.ts';

type Outcome = { kind: 'session'; opened: OpenedSession } | { kind: 'code'; code: string; expiresAt: Date };

/** Single sign-on by OpenID Connect: authorization code flow with PKCE, state and nonce, per organization. */
@ApiTags('sessions')
@Controller()
export class SingleSignOnController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    private readonly console: Console,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('sso/:organizationSlug/callback')
  @Public()
  @Operation({
    summary: 'Come back from the identity provider',
    description:
      'The redirect URI an organization registers with its provider. Only in the browser that began, at that organization, each time once. The first sign-in of an invited, verified address accepts the invite; without membership and invite it is refused, and no account is made.',
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
      'identity_of_another',
      'identity_not_linked',
      'sign_in_link_invalid',
      'invite_link_used',
      'invite_link_void',
      'invite_link_expired',
      'invite_link_cancelled',
      'inviter_not_entitled',
    ],
  })
  async callback(
    @Param('organizationSlug') slug: string,
    @Query({ schema: backFromProvider }) { state }: z.infer<typeof backFromProvider>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    const now = await this.database.transaction(asSystem, databaseNow);
    const signOn = recallSignOn(request, response, state, this.config, now);
    const organization = await this.database.transaction(asSystem, (em) =>
      em.findOne(Organization, { id: signOn.organizationId, slug }),
    );
    if (!organization) throw new Refusal('sso_transaction_lost');
    let identified: Identified | null = null;
    let outcome: Outcome;
    try {
      const provider = providerIn(signOn, organization, this.config);
      identified = await completeSingleSignOn(
        provider,
        singleSignOnOptions(organization, this.config, now),
        signOn.transaction,
        new URL(request.originalUrl, this.config.publicUrl),
      );
      if (signOn.test) return await this.answerTest(organization, signOn.test, identified, request, response);
      outcome = await this.signIn(signOn, identified, provider, request);
    } catch (error) {
      const inVain = {
        organizationId: organization.id,
        issuer: signOn.provider.issuer,
        identified,
        isTest: signOn.test !== null,
      };
      return refuseSignOn(this.decisions, aVisitor(request.ip), error, inVain);
    }
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
    description: [
      'A program that wants a token makes a random `codeVerifier` (43 to 128 characters of A–Z, a–z, 0–9, `-._~`) and opens',
      '`/sso/{organizationSlug}/start?codeChallenge=…` in the browser of its person, with base64url(SHA-256(codeVerifier)).',
      'The person presses the button of that page and signs in; the code comes in the query `code` of the `redirectUri` that',
      'was named there too, a loopback address such as `http://127.0.0.1:49152/done`, or without one as the answer of the',
      'callback. It works once, within a minute, and only with the verifier whose challenge began the sign-in.',
    ].join(' '),
    answer: session,
    status: 201,
    isPublic: true,
    problems: ['session_code_invalid'],
  })
  async exchange(
    @Body({ schema: exchangeBody }) body: z.infer<typeof exchangeBody>,
    @Req() request: Request,
  ): Promise<Created<z.infer<typeof session>>> {
    const opened = await exchangeSessionCode(this.database, {
      ...body,
      userAgent: userAgentOf(request),
      sourceAddress: request.ip,
    });
    return new Created('/v1/sessions/current', {
      token: opened.token,
      expiresAt: opened.expiresAt.toISOString(),
      account: opened.account,
    });
  }

  private async answerTest(
    organization: Organization,
    test: NonNullable<SignOnUnderWay['test']>,
    identified: Identified,
    request: Request,
    response: Response,
  ): Promise<void> {
    const tested = await this.decisions.decide(aVisitor(request.ip), (decision) =>
      recordProviderTest(decision, organization.id, test, identified),
    );
    const model = { ...tested, settingsPath: `/organizations/${organization.id}/access` };
    const page = { template: 'single-sign-on/tested', title: 'The sign-in works', model };
    response.type('text/html; charset=utf-8').send(await this.console.page(request, response, page));
  }

  private async signIn(
    signOn: SignOnUnderWay,
    identified: Identified,
    provider: IdentityProvider,
    request: Request,
  ): Promise<Outcome> {
    const { organizationId, codeChallenge, proof: brought } = signOn;
    const outcome = await this.decisions.decide(aVisitor(request.ip), async (decision): Promise<Outcome | null> => {
      const digest = providerDigest(decision.settings.sealingKeys, provider);
      const { account } = await signInBySingleSignOn(decision, organizationId, identified, brought, digest);
      if (!account) return null;
      const proof = await proofOfProvider(decision.em, organizationId, identified);
      if (codeChallenge !== null) {
        const asked = { accountId: account.id, organizationId, codeChallenge, proof };
        const issued = await issueSessionCode(decision.em, asked);
        return { kind: 'code', ...issued };
      }
      const userAgent = userAgentOf(request);
      return {
        kind: 'session',
        opened: await openSession(decision.em, account, {
          method: 'sso',
          organizationId,
          ...proof,
          userAgent,
          sourceAddress: request.ip,
        }),
      };
    });
    // Refused after the commit, with which the mail is on its way.
    if (!outcome) throw new Refusal('identity_not_linked');
    return outcome;
  }
}

/** The one the sign-in was begun at, as long as it is still the organization's. */
function providerIn(signOn: SignOnUnderWay, organization: Organization, config: CompleteConfig): IdentityProvider {
  const provider = signOn.test ? unsealedProvider(signOn.test.sso, config) : providerOf(organization, config);
  if (provider.issuer !== signOn.provider.issuer || provider.clientId !== signOn.provider.clientId) {
    throw new Refusal('sso_transaction_lost');
  }
  return provider;
}

const userAgentOf = (request: Request): string | null => request.headers['user-agent'] ?? null;

import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { CompleteConfig } from '#config';
import { organizationSlug, Refusal, startSingleSignOn } from '#contracts';
import { aVisitor, Decisions, refuseSignOn, type SignOnProof } from '#decisions';
import { beginSingleSignOn, countAttempt, type AttemptLimits } from '#identity';
import { asSystem, Database, databaseNow, Organization } from '#persistence';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Console } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { localPath } from '../console/page-path.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { configuration } from '../tokens.ts';
import { providerOf, singleSignOnOptions, unsealedProvider } from './provider-of.ts';
import { openTest } from './test-token.ts';
import { rememberSignOn } from './transaction-cookie.ts';

const { shape } = startSingleSignOn;
const startForm = z.object({
  return: optionalField(shape.return.unwrap()),
  codeChallenge: optionalField(shape.codeChallenge.unwrap()),
  redirectUri: optionalField(shape.redirectUri.unwrap()),
  invite: optionalField(shape.invite.unwrap()),
  link: optionalField(shape.link.unwrap()),
  test: optionalField(shape.test.unwrap()),
});
type Wish = z.infer<typeof startForm>;

/** Each start asks a provider of a tenant's choice for us. A network is an office at times: all its people begin in one morning. */
const startLimits: AttemptLimits = { kind: 'single-sign-on', perName: 0, perNetwork: 300, windowSeconds: 15 * 60 };

/**
 * Where a single sign-on begins. Opening the address does nothing: only the button of this page, or of another page of
 * ours, begins, so that no other site signs a browser in as somebody else.
 */
@Pages()
@Controller('sso/:organizationSlug/start')
export class StartSingleSignOnPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    private readonly decisions: Decisions,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get()
  @Public()
  @Html()
  async show(
    @Param('organizationSlug') wanted: string,
    @Query({ schema: startSingleSignOn }) query: z.infer<typeof startSingleSignOn>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    requireChallenge(query);
    const organization = await this.organization(wanted);
    if (query.test === undefined) providerOf(organization, this.config);
    return this.console.page(request, response, {
      template: 'single-sign-on/start',
      title: `Sign in at ${organization.slug}`,
      model: {
        slug: organization.slug,
        return: query.return ?? '',
        codeChallenge: query.codeChallenge ?? '',
        redirectUri: query.redirectUri ?? '',
        invite: query.invite ?? '',
        link: query.link ?? '',
        test: query.test ?? '',
        forProgram: query.codeChallenge !== undefined,
        isTest: query.test !== undefined,
        // What is connected with whom: a person who has signed in already begins as that person.
        connects: query.test === undefined && request.principal?.kind === 'account',
      },
    });
  }

  @Post()
  @Public()
  @Html()
  async start(
    @Param('organizationSlug') wanted: string,
    @Body({ schema: startForm }) form: Wish,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    requireChallenge(form);
    await countAttempt(this.database, startLimits, { sourceAddress: request.ip });
    const organization = await this.organization(wanted);
    const now = await this.database.transaction(asSystem, databaseNow);
    const test = form.test === undefined ? null : openTest(form.test, this.config, now);
    if (test && test.organizationId !== organization.id) throw new Refusal('not_found');
    const provider = test ? unsealedProvider(test.sso, this.config) : providerOf(organization, this.config);
    const { url, transaction } = await beginSingleSignOn(
      provider,
      singleSignOnOptions(organization, this.config, now),
    ).catch((error: unknown) => {
      const inVain = {
        organizationId: organization.id,
        issuer: provider.issuer,
        identified: null,
        isTest: test !== null,
      };
      return refuseSignOn(this.decisions, aVisitor(request.ip), error, inVain);
    });
    const signOn = {
      organizationId: organization.id,
      provider: { issuer: provider.issuer, clientId: provider.clientId },
      transaction,
      proof: proofOf(form, request),
      test: test && { accountId: test.accountId, sso: test.sso },
      returnPath: localPath(form.return),
      codeChallenge: form.codeChallenge ?? null,
      redirectUri: form.redirectUri ?? null,
    };
    rememberSignOn(request, response, signOn, this.config, now);
    // A form may not lead to another site, not even by a redirect: the policy of our pages sees to that. A page may.
    response.setHeader('Refresh', `0; url=${url.href}`);
    return this.console.page(request, response, {
      template: 'single-sign-on/leaving',
      title: `On to ${url.host}`,
      model: { host: url.host, href: url.href },
    });
  }

  private async organization(wanted: string): Promise<Organization> {
    const slug = organizationSlug.safeParse(wanted.toLowerCase());
    const organization = slug.success
      ? await this.database.transaction(asSystem, (em) => em.findOne(Organization, { slug: slug.data }))
      : null;
    if (!organization) throw new Refusal('not_found');
    return organization;
  }
}

/**
 * A link comes before the session: whoever opened it wants what its mail says. Of sessions, one that another
 * organization's provider made proves nothing here.
 */
function proofOf({ invite, link }: Wish, { principal }: AuthenticatedRequest): SignOnProof {
  if (invite !== undefined) return { kind: 'invite', token: invite };
  if (link !== undefined) return { kind: 'link', token: link };
  if (principal?.kind !== 'account' || principal.method === 'sso') return null;
  return { kind: 'session', sessionId: principal.sessionId };
}

function requireChallenge({ redirectUri, codeChallenge }: Wish): void {
  if (redirectUri === undefined || codeChallenge !== undefined) return;
  throw new Refusal('invalid_request', {
    errors: [{ pointer: '/codeChallenge', message: 'Required with redirectUri' }],
  });
}

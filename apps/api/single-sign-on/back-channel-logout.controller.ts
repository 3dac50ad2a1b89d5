import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import { backChannelLogout, organizationSlug, Refusal } from '#contracts';
import { Decisions, endSessionsByProvider, theClock } from '#decisions';
import { readLogoutToken } from '#identity';
import { asSystem, Database, databaseNow, Organization } from '#persistence';
import { Public } from '../authentication/authentication.guard.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration } from '../tokens.ts';
import { providerOf, singleSignOnOptions } from './provider-of.ts';

/** What an identity provider calls when it has signed somebody out (OpenID Connect Back-Channel Logout 1.0). */
@ApiTags('sessions')
@Controller('sso')
export class BackChannelLogoutController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Post(':organizationSlug/back-channel-logout')
  @HttpCode(200)
  @Public()
  @ApiConsumes('application/x-www-form-urlencoded')
  @Operation({
    summary: 'End sessions, as the identity provider of the organization',
    description:
      'The `backchannel_logout_uri` an organization registers with its provider. The sessions of that provider’s session or person end at once, at this organization only. A token is obeyed once.',
    isPublic: true,
    problems: ['not_found', 'login_method_not_allowed', 'logout_token_invalid', 'sso_misconfigured', 'sso_unavailable'],
  })
  async end(
    @Param('organizationSlug') wanted: string,
    @Body({ schema: backChannelLogout }) { logout_token: token }: z.infer<typeof backChannelLogout>,
    @Req() { ip }: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    const slug = organizationSlug.safeParse(wanted.toLowerCase());
    const [organization, now] = await this.database.transaction(asSystem, async (em) => [
      slug.success ? await em.findOne(Organization, { slug: slug.data }) : null,
      await databaseNow(em),
    ]);
    if (!organization) throw new Refusal('not_found');
    const provider = providerOf(organization, this.config);
    const logout = await readLogoutToken(provider, singleSignOnOptions(organization, this.config, now), token);
    // Nobody of ours acts: the provider's word does, which the trail tells as the cause.
    await this.decisions.decide({ ...theClock(), sourceAddress: ip }, (decision) =>
      endSessionsByProvider(decision, organization.id, logout),
    );
  }
}

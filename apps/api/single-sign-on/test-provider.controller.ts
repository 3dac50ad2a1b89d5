import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import { providerTest, testProvider } from '#contracts';
import { beginProviderTest, Decisions, type Actor } from '#decisions';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { sealTest } from './test-token.ts';

@ApiTags('organizations')
@Controller('v1/organizations/:organizationId/sso/test')
export class TestProviderController {
  constructor(
    private readonly decisions: Decisions,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Post()
  @HttpCode(200)
  @Operation({
    summary: 'Try an identity provider out',
    description:
      'Open the address in a browser within ten minutes and sign in at the provider. Nothing is changed and nobody is signed in; for an hour the settings count as tested, so that passwords may go.',
    answer: providerTest,
    problems: [
      'not_found',
      'provider_settings_required',
      'may_not_change_login_methods',
      'restricted_administrator_mode',
      'authentication_is_the_tenants_own',
    ],
  })
  async test(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: testProvider }) body: z.infer<typeof testProvider>,
  ): Promise<z.infer<typeof providerTest>> {
    const { slug, token, expiresAt } = await this.decisions.decide(actor, async (decision) => {
      const { organization, sso, accountId } = await beginProviderTest(decision, organizationId, body?.sso);
      const test = { organizationId, accountId, sso };
      return { slug: organization.slug, ...sealTest(test, this.config, await decision.now()) };
    });
    const url = `${this.config.publicUrl}/sso/${slug}/start?test=${encodeURIComponent(token)}`;
    return { url, expiresAt: expiresAt.toISOString() };
  }
}

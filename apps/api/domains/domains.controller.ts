import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { domain as answer, domainList, type DomainView } from '#contracts';
import { Decisions, listDomains, proveDomain, recordToFind, type Actor } from '#decisions';
import type { ResolveText } from '#outbound';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { resolveText } from '../tokens.ts';

@ApiTags('organizations')
@Controller('v1/organizations/:organizationId/domains')
export class DomainsController {
  constructor(
    private readonly decisions: Decisions,
    @Inject(resolveText) private readonly resolve: ResolveText,
  ) {}

  @Get()
  @Operation({
    summary: 'Domains of the organization, and the DNS record that proves each',
    scope: 'organization:read',
    answer: domainList,
    problems: ['not_found', 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
  ): Promise<{ items: DomainView[] }> {
    return this.decisions.decide(actor, async (decision) => ({ items: await listDomains(decision, organizationId) }));
  }

  @Post(':domain/prove')
  @HttpCode(200)
  @Operation({
    summary: 'Prove a domain by its DNS record',
    description:
      'Set the TXT record that the list of domains names first. Only a proven domain leads requests here and lets the provider be trusted for its addresses. A domain has one owner: whoever proves it later takes it over.',
    answer,
    problems: [
      'not_found',
      'forbidden',
      'may_not_change_login_methods',
      'restricted_administrator_mode',
      'authentication_is_the_tenants_own',
      'step_up_required',
      'domain_not_proven',
    ],
  })
  async prove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('domain') given: string,
  ): Promise<DomainView> {
    const domain = given.toLowerCase();
    const { name } = await this.decisions.decide(actor, (decision) => recordToFind(decision, organizationId, domain));
    // Name servers that do not answer prove nothing, and are asked again by asking again.
    const found = await this.resolve(name).catch(() => []);
    return this.decisions.decide(actor, (decision) => proveDomain(decision, organizationId, domain, found));
  }
}

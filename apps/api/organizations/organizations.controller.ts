import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  createCustomer,
  createdOrganization,
  createOrganization as createBody,
  organization,
  organizationPage,
  organizationQuery,
  updateOrganization,
  type CreateCustomer,
  type CreatedOrganizationView,
  type OrganizationView,
  type UpdateOrganization,
} from '#contracts';
import {
  changeOrganization,
  createCustomer as createCustomerOf,
  createOrganization,
  Decisions,
  listOrganizations,
  onlyOnce,
  readOrganization,
  viewOrganization,
  type Actor,
  type CreatedOrganization,
  type Decision,
  type Once,
} from '#decisions';
import { asSystem, Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('organizations')
@Controller('v1/organizations')
export class OrganizationsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Post()
  @Operation({
    summary: 'Create a partner or a customer, as the support team',
    description: 'Invites the first administrator, who becomes Owner and full administrator at acceptance.',
    answer: createdOrganization,
    status: 201,
    problems: [
      'name_not_acceptable',
      'address_not_acceptable',
      'support_only',
      'kind_not_created',
      'slug_taken',
      'provider_settings_required',
      'domain_not_proven',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: z.infer<typeof createBody>,
  ): Promise<Created<CreatedOrganizationView>> {
    return this.createOnce(actor, once, (decision) => createOrganization(decision, body));
  }

  @Post(':organizationId/customers')
  @Operation({
    summary: 'Create a customer of this partner; the relationship is made with it',
    scope: 'customers:write',
    answer: createdOrganization,
    status: 201,
    problems: [
      'name_not_acceptable',
      'address_not_acceptable',
      'not_found',
      'may_not_create_customers',
      'not_a_partner',
      'slug_taken',
      'provider_settings_required',
      'domain_not_proven',
      'idempotency_key_reused',
    ],
  })
  async createCustomer(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) partnerId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createCustomer }) body: CreateCustomer,
  ): Promise<Created<CreatedOrganizationView>> {
    return this.createOnce(actor, once, (decision) => createCustomerOf(decision, partnerId, body));
  }

  @Get()
  @Operation({
    scope: 'organization:read',
    summary: 'Organizations you may see: your own and those your roles open',
    answer: organizationPage,
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Query({ schema: organizationQuery }) query: z.infer<typeof organizationQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listOrganizations(em, actor, query));
  }

  @Get(':id')
  @Operation({
    scope: 'organization:read',
    summary: 'One organization',
    answer: organization,
    problems: ['not_found', 'forbidden'],
  })
  async get(@CallerAsActor() actor: Actor, @Param('id', new ResourceId()) id: string): Promise<OrganizationView> {
    return this.database.transaction(actor.tenancy, (em) => readOrganization(em, actor, id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change name, login methods, features or policy',
    scope: 'organization:write',
    answer: organization,
    problems: [
      'name_not_acceptable',
      'not_found',
      'forbidden',
      'may_not_change_name',
      'may_not_change_login_methods',
      'authentication_is_the_tenants_own',
      'provider_untested',
      'domain_not_proven',
      'may_not_change_policy',
      'restricted_administrator_mode',
      'support_only',
      'duration_above_policy',
      'duration_below_minimum',
      'unknown_setting',
      'version_mismatch',
    ],
  })
  async update(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: updateOrganization }) body: UpdateOrganization,
  ): Promise<OrganizationView> {
    return this.decisions.decide(actor, async (decision) => {
      return viewOrganization(await changeOrganization(decision, id, body, matching(ifMatch)));
    });
  }

  /** A new organization is in nobody's reach before it exists, so its creation runs as the system. */
  private async createOnce(
    actor: Actor,
    once: Once | null,
    create: (decision: Decision) => Promise<CreatedOrganization>,
  ): Promise<Created<CreatedOrganizationView>> {
    const view = await this.decisions.decide({ ...actor, tenancy: asSystem }, (decision) =>
      onlyOnce(decision.em, once, async () => {
        const { organization: made, firstInvite, relationship } = await create(decision);
        return {
          ...viewOrganization(made),
          firstInvite: { id: firstInvite.id },
          relationshipId: relationship?.id ?? null,
        };
      }),
    );
    return new Created(`/v1/organizations/${view.id}`, view);
  }
}

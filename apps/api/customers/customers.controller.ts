import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  assignCustomers as assignBody,
  customerPage,
  customerQuery,
  member,
  serviceSetup,
  setUpServices as setUpBody,
  type CustomerQuery,
  type MemberView,
  type ServiceSetupView,
} from '#contracts';
import {
  assignCustomers,
  Decisions,
  listCustomers,
  onlyOnce,
  setUpServices,
  viewMember,
  type Actor,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('customers')
@Controller('v1/organizations/:organizationId')
export class CustomersController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get('customers')
  @Operation({
    summary: 'Customers of this partner: all or your own, by your roles',
    scope: 'customers:read',
    description: '`query` finds them by name, slug or domain; help desk finds them by their people, too.',
    answer: customerPage,
    problems: ['not_found', 'forbidden', 'not_a_partner'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) partnerId: string,
    @Query({ schema: customerQuery }) query: CustomerQuery,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listCustomers(em, actor, partnerId, query));
  }

  @Put('members/:memberId/customers')
  @Operation({
    summary: 'Assign customers to a partner administrator',
    scope: 'customers:write',
    description: 'The whole list: customers that are not named are taken off it.',
    answer: member,
    problems: [
      'not_found',
      'forbidden',
      'not_partner_full_administrator',
      'member_not_partner_administrator',
      'no_provisioned_relationship',
      'version_mismatch',
    ],
  })
  async assign(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) partnerId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: assignBody }) { customerIds }: z.infer<typeof assignBody>,
  ): Promise<MemberView> {
    return this.decisions.decide(actor, async (decision) => {
      const changed = await assignCustomers(decision, partnerId, memberId, customerIds, matching(ifMatch));
      return viewMember(decision, changed);
    });
  }

  @Post('service-setups')
  @Operation({
    summary: 'Set up services for a customer that exists already',
    description: 'Makes you its provisioning administrator: a derived role that nobody assigns by hand.',
    answer: serviceSetup,
    status: 201,
    problems: [
      'not_found',
      'not_a_customer',
      'not_partner_level_administrator',
      'no_provisioned_relationship',
      'partner_required',
      'idempotency_key_reused',
    ],
  })
  async setUp(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) customerId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: setUpBody.prefault({}) }) { partnerId }: z.infer<typeof setUpBody>,
  ): Promise<Created<ServiceSetupView>> {
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () => setUpServices(decision, customerId, partnerId)),
    );
    return new Created(`/v1/organizations/${customerId}`, view);
  }
}

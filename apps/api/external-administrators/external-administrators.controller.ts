import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  externalAdministrator,
  externalAdministratorPage,
  pageQuery,
  renewExternalAdministrator,
  updateExternalAdministrator,
  type ExternalAdministratorView,
  type RenewExternalAdministrator,
  type UpdateExternalAdministrator,
} from '#contracts';
import {
  changeExternalAdministrator,
  Decisions,
  listExternalAdministrators,
  readExternalAdministrator,
  removeExternalAdministrator,
  type Actor,
} from '#decisions';
import { Database } from '#persistence';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch } from '../answers/idempotency.ts';
import { CallerAsActor, CallerSayingNo } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

const managementProblems = ['not_found', 'not_full_administrator', 'external_administrator'] as const;

/** The external administrators of an organization, for its own full administrators. */
@ApiTags('external administrators')
@Controller('v1/organizations/:organizationId/external-administrators')
export class ExternalAdministratorsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get()
  @Operation({
    summary: 'External administrators of an organization, with role and end',
    scope: 'grants:read',
    answer: externalAdministratorPage,
    problems: managementProblems,
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) =>
      listExternalAdministrators(em, actor, organizationId, query),
    );
  }

  @Get(':memberId')
  @Operation({
    scope: 'grants:read',
    summary: 'One external administrator',
    answer: externalAdministrator,
    problems: managementProblems,
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
  ): Promise<ExternalAdministratorView> {
    return this.database.transaction(actor.tenancy, (em) =>
      readExternalAdministrator(em, actor, organizationId, memberId),
    );
  }

  @Patch(':memberId')
  @Operation({
    summary: 'Change role or end',
    description: 'For those who could have approved: new terms are approved by whoever sets them.',
    answer: externalAdministrator,
    problems: [
      ...managementProblems,
      'approver_is_requester',
      'approver_in_requesting_partner',
      'role_not_available',
      'term_out_of_bounds',
      'version_mismatch',
    ],
  })
  async change(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: updateExternalAdministrator }) body: UpdateExternalAdministrator,
  ): Promise<ExternalAdministratorView> {
    return this.decisions.decide(actor, async (decision) => {
      const { em } = decision;
      await requireMatch(ifMatch, () => readExternalAdministrator(em, actor, organizationId, memberId));
      await changeExternalAdministrator(decision, organizationId, memberId, body);
      await em.flush();
      return readExternalAdministrator(em, actor, organizationId, memberId);
    });
  }

  @Post(':memberId/renew')
  @HttpCode(200)
  @Operation({
    summary: 'Renew an external administrator until a date',
    description:
      'For those who could have approved: they say yes once more. At most for as long as `policy.externalAdministratorTermDays` says from ' +
      'now on. Not renewed it ends by the clock; both sides are told 31, 7 and 1 days before.',
    answer: externalAdministrator,
    problems: [
      ...managementProblems,
      'approver_is_requester',
      'approver_in_requesting_partner',
      'term_out_of_bounds',
      'version_mismatch',
    ],
  })
  async renew(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: renewExternalAdministrator }) body: RenewExternalAdministrator,
  ): Promise<ExternalAdministratorView> {
    return this.change(actor, organizationId, memberId, ifMatch, body);
  }

  @Delete(':memberId')
  @HttpCode(204)
  @Operation({
    summary: 'Remove an external administrator, at once',
    status: 204,
    problems: [...managementProblems, 'version_mismatch'],
  })
  async remove(
    @CallerSayingNo() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(actor, async (decision) => {
      await requireMatch(ifMatch, () => readExternalAdministrator(decision.em, actor, organizationId, memberId));
      await removeExternalAdministrator(decision, organizationId, memberId);
    });
  }
}

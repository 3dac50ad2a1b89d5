import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { assignAdministratorRoles as assignBody, member, memberPage, memberQuery, type MemberView } from '#contracts';
import { assignAdministratorRoles, Decisions, listMembers, readMember, type Actor } from '#decisions';
import { Database } from '#persistence';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('members')
@Controller('v1/organizations/:organizationId/members')
export class MembersController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get()
  @Operation({ summary: 'Members of an organization', answer: memberPage, problems: ['not_found', 'forbidden'] })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: memberQuery }) query: z.infer<typeof memberQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listMembers(em, actor, organizationId, query));
  }

  @Get(':memberId')
  @Operation({ summary: 'One member', answer: member, problems: ['not_found', 'forbidden'] })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
  ): Promise<MemberView> {
    return this.database.transaction(actor.tenancy, (em) => readMember(em, actor, organizationId, memberId));
  }

  @Put(':memberId/administrator-roles')
  @Operation({
    summary: "Set a member's administrator roles",
    description: 'What stood on a role that goes (grants, sessions, open requests) ends in the same transaction.',
    answer: member,
    problems: [
      'not_found',
      'may_not_assign_administrator_roles',
      'own_role',
      'partner_role_outside_partner',
      'last_full_administrator',
      'version_mismatch',
    ],
  })
  async assignRoles(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: assignBody }) { roles }: z.infer<typeof assignBody>,
  ): Promise<MemberView> {
    return this.decisions.decide(actor, async (decision) => {
      await requireMatch(ifMatch, () => readMember(decision.em, actor, organizationId, memberId));
      await assignAdministratorRoles(decision, organizationId, memberId, roles);
      await decision.em.flush();
      return readMember(decision.em, actor, organizationId, memberId);
    });
  }
}

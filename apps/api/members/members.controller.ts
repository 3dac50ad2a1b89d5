import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  assignAdministratorRoles as assignBody,
  member,
  memberPage,
  memberQuery,
  removal,
  updateMember,
  type MemberView,
  type Removal,
  type UpdateMember,
} from '#contracts';
import {
  assignAdministratorRoles,
  changeMember,
  confirmMember,
  Decisions,
  endMemberSessions,
  listMembers,
  readMember,
  removeMember,
  removeWorkspaceRole,
  viewMember,
  type Actor,
} from '#decisions';
import { Database } from '#persistence';
import { matching } from '../answers/entity-tag.ts';
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
  @Operation({
    scope: 'members:read',
    summary: 'Members of an organization',
    answer: memberPage,
    problems: ['not_found', 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: memberQuery }) query: z.infer<typeof memberQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listMembers(em, actor, organizationId, query));
  }

  @Get(':memberId')
  @Operation({ scope: 'members:read', summary: 'One member', answer: member, problems: ['not_found', 'forbidden'] })
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
    scope: 'members:write',
    description: 'What stood on a role that goes (grants, sessions, open requests) ends in the same transaction.',
    answer: member,
    problems: [
      'not_found',
      'forbidden',
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
      const changed = await assignAdministratorRoles(decision, organizationId, memberId, roles, matching(ifMatch));
      return viewMember(decision, changed);
    });
  }

  @Post(':memberId/confirm')
  @HttpCode(200)
  @Operation({
    summary: 'Confirm a full administrator whom a partner, a service or the support team appointed',
    description:
      'An independent full administrator of the organization stands behind the appointment; from then on the member may approve, too. Confirming again changes nothing.',
    answer: member,
    problems: [
      'not_found',
      'forbidden',
      'person_required',
      'support_never_approves',
      'not_full_administrator',
      'own_role',
      'member_not_full_administrator',
      'approver_in_requesting_partner',
      'approver_not_confirmed',
    ],
  })
  async confirm(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
  ): Promise<MemberView> {
    return this.decisions.decide(actor, async (decision) =>
      viewMember(decision, await confirmMember(decision, organizationId, memberId)),
    );
  }

  @Patch(':memberId')
  @Operation({
    summary: "Change a teammate's workspace role, scope, decrypt access or app tray",
    scope: 'members:write',
    description:
      'What is left out stays. All parts are done, or none. Decrypt access asks for a `purpose`; the support team changes Owners and gives its `reason`.',
    answer: member,
    problems: [
      'not_found',
      'forbidden',
      'own_role',
      'may_not_change_roles',
      'may_not_give_owner',
      'may_not_touch_owner',
      'owner_role_is_fixed',
      'owner_needs_client_scope',
      'reason_required',
      'role_not_available',
      'last_owner',
      'purpose_required',
      'may_not_give_log_decryption',
      'may_not_assign_bot_builder',
      'version_mismatch',
    ],
  })
  async change(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: updateMember }) body: UpdateMember,
  ): Promise<MemberView> {
    return this.decisions.decide(actor, async (decision) => {
      const changed = await changeMember(decision, organizationId, memberId, body, matching(ifMatch));
      return viewMember(decision, changed);
    });
  }

  @Delete(':memberId/workspace-role')
  @Operation({
    summary: "Delete a teammate's workspace role",
    scope: 'members:write',
    description: 'The person stays a member with the administrator roles they have.',
    answer: member,
    problems: [
      'not_found',
      'forbidden',
      'own_role',
      'may_not_remove_users',
      'owner_role_is_fixed',
      'reason_required',
      'last_owner',
      'version_mismatch',
    ],
  })
  async removeRole(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: removal }) body: Removal,
  ): Promise<MemberView> {
    return this.decisions.decide(actor, async (decision) => {
      const changed = await removeWorkspaceRole(decision, organizationId, memberId, body?.reason, matching(ifMatch));
      return viewMember(decision, changed);
    });
  }

  @Delete(':memberId/sessions')
  @HttpCode(204)
  @Operation({
    summary: 'Sign a member out of the organization',
    description:
      'No session that is open now opens this organization any more. Where the person belongs to other organizations, they stay signed in there.',
    status: 204,
    problems: ['not_found', 'forbidden', 'may_not_end_sessions', 'may_not_assign_administrator_roles'],
  })
  async endSessions(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => endMemberSessions(decision, organizationId, memberId));
  }

  @Delete(':memberId')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a member',
    scope: 'members:write',
    description: 'What stood on the membership (grants, sessions, open requests) ends in the same transaction.',
    status: 204,
    problems: [
      'not_found',
      'forbidden',
      'own_role',
      'may_not_remove_users',
      'may_not_assign_administrator_roles',
      'owner_role_is_fixed',
      'reason_required',
      'last_owner',
      'last_full_administrator',
      'version_mismatch',
    ],
  })
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: removal }) body: Removal,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      removeMember(decision, organizationId, memberId, body?.reason, matching(ifMatch)),
    );
  }
}

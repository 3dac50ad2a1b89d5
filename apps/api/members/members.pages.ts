import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { administratorRoles, botBuilderRoles, mayManageInvites, workspaceRoles, type Matrices } from '#access';
import { errorCatalogue, isErrorCode, reason, Refusal } from '#contracts';
import {
  assignAdministratorRoles,
  changeMember,
  confirmMember,
  Decisions,
  endMemberSessions,
  listInvites,
  listMembers,
  readOwnEffectiveAccess,
  readMember,
  readMemberChoices,
  readOrganization,
  removeMember,
  removeWorkspaceRole,
  subjectOf,
  type Actor,
  type Decision,
} from '#decisions';
import type { Principal } from '#identity';
import { Database, databaseNow, loadStanding, loadTarget } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Caller, CallerAsActor } from '../authentication/caller.ts';
import { isPageOfItsOwn } from '../approvals/form.ts';
import { Console } from '../console/console.ts';
import { optionalField, tickbox, ticked } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { ResourceId } from '../problem/validation.ts';
import { matrices } from '../tokens.ts';

const listQuery = z.object({
  query: optionalField(z.string().trim().max(200)),
  cursor: optionalField(z.string().max(500)),
});
const roleForm = z.object({
  workspaceRole: optionalField(z.enum(workspaceRoles)),
  reason: optionalField(reason),
  /** Sent by the second page, which says what cannot be taken back. */
  confirmed: tickbox,
});
const decryptForm = z.object({
  decryptLogs: z.enum(['on', 'off']).transform((choice) => choice === 'on'),
  purpose: optionalField(z.enum(['data_protection_officer', 'debugging'])),
});
const administratorForm = z.object({ roles: ticked(z.enum(administratorRoles)) });
const botBuilderForm = z.object({ botBuilder: ticked(z.enum(botBuilderRoles)) });
const removeForm = z.object({ reason: optionalField(reason) });

/** The people of an organization and what they may do, with the rules explained where a choice is barred. */
@Pages()
@Controller('organizations/:organizationId/teammates')
export class MembersPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(matrices) private readonly roleMatrices: Matrices,
  ) {}

  @Get()
  @Html()
  async list(
    @Caller() caller: Principal,
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: listQuery }) query: z.infer<typeof listQuery>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const organization = await readOrganization(em, actor, organizationId);
      const { items, nextCursor } = await listMembers(em, actor, organizationId, { ...query, limit: 50 });
      const target = await loadTarget(em, organizationId);
      const mayInvite =
        target !== null && mayManageInvites(await subjectOf(em, actor), target, await databaseNow(em)).allowed;
      const pending = mayInvite
        ? (await listInvites(em, actor, organizationId, { status: 'pending', limit: 200 })).items
        : [];
      const failed = mayInvite
        ? (await listInvites(em, actor, organizationId, { status: 'failed', limit: 200 })).items
        : [];
      const standing = await loadStanding(em, {
        subjectIds: actor.id === null ? [] : [actor.id],
        organizationIds: [organizationId],
      });
      const { banner, manageUsers } = readOwnEffectiveAccess(standing, caller, organizationId, this.roleMatrices);
      return {
        organization,
        members: items,
        query: query.query ?? '',
        olderPath: nextCursor && olderThan(nextCursor, query.query),
        mayInvite,
        invites: [...failed, ...pending],
        banner,
        mayManageUsers: manageUsers.enabled,
      };
    });
    return this.console.page(request, response, {
      template: 'members/teammates',
      title: `Teammates of ${model.organization.name}`,
      organizationId,
      model,
    });
  }

  @Get(':memberId')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(actor, organizationId, memberId, request, response);
  }

  @Post(':memberId/workspace-role')
  @Html()
  async changeRole(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Body({ schema: roleForm }) { workspaceRole, reason: why, confirmed }: z.infer<typeof roleForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    if (workspaceRole === 'owner' && !confirmed) {
      const asked = await this.confirmationOfOwner(actor, organizationId, memberId, request, response);
      if (asked !== null) return asked;
    }
    return this.act(actor, organizationId, memberId, request, response, (decision) =>
      workspaceRole
        ? changeMember(decision, organizationId, memberId, { workspaceRole, reason: why })
        : removeWorkspaceRole(decision, organizationId, memberId, why),
    );
  }

  @Post(':memberId/decrypt-access')
  @Html()
  async changeDecryptAccess(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Body({ schema: decryptForm }) form: z.infer<typeof decryptForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.act(actor, organizationId, memberId, request, response, (decision) =>
      changeMember(decision, organizationId, memberId, form),
    );
  }

  @Post(':memberId/administrator-roles')
  @Html()
  async assignRoles(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Body({ schema: administratorForm }) { roles }: z.infer<typeof administratorForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.act(actor, organizationId, memberId, request, response, (decision) =>
      assignAdministratorRoles(decision, organizationId, memberId, roles),
    );
  }

  @Post(':memberId/confirm')
  @Html()
  async confirm(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.act(actor, organizationId, memberId, request, response, (decision) =>
      confirmMember(decision, organizationId, memberId),
    );
  }

  @Post(':memberId/bot-builder')
  @Html()
  async assignBotBuilder(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Body({ schema: botBuilderForm }) appTray: z.infer<typeof botBuilderForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.act(actor, organizationId, memberId, request, response, (decision) =>
      changeMember(decision, organizationId, memberId, { appTray }),
    );
  }

  @Post(':memberId/end-sessions')
  @Html()
  async endSessions(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.act(
      actor,
      organizationId,
      memberId,
      request,
      response,
      (decision) => endMemberSessions(decision, organizationId, memberId),
      `/organizations/${organizationId}/teammates/${memberId}?notice=sessions-ended`,
    );
  }

  @Post(':memberId/remove')
  @Html()
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Body({ schema: removeForm }) { reason: why }: z.infer<typeof removeForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.act(
      actor,
      organizationId,
      memberId,
      request,
      response,
      (decision) => removeMember(decision, organizationId, memberId, why),
      `/organizations/${organizationId}/teammates?notice=member-removed`,
    );
  }

  /** Nobody in the organization takes an Owner's role back, so it is asked for twice; null where it is not to be given. */
  private async confirmationOfOwner(
    actor: Actor,
    organizationId: string,
    memberId: string,
    request: AuthenticatedRequest,
    response: Response,
  ): Promise<string | null> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const { workspaceRoles: choices } = await readMemberChoices(em, actor, organizationId, memberId);
      return {
        organization: await readOrganization(em, actor, organizationId),
        member: await readMember(em, actor, organizationId, memberId),
        path: `/organizations/${organizationId}/teammates/${memberId}`,
        isToBeGiven: choices.some(({ role, held, barred }) => role === 'owner' && !held && barred === null),
      };
    });
    if (!model.isToBeGiven) return null;
    return this.console.page(request, response, {
      template: 'members/make-owner',
      title: `Make ${model.member.account.displayName} an Owner?`,
      organizationId,
      model,
    });
  }

  private async act(
    actor: Actor,
    organizationId: string,
    memberId: string,
    request: AuthenticatedRequest,
    response: Response,
    change: (decision: Decision) => Promise<unknown>,
    next = `/organizations/${organizationId}/teammates/${memberId}?notice=roles-changed`,
  ): Promise<string | undefined> {
    try {
      await this.decisions.decide(actor, change);
      response.redirect(303, next);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || isPageOfItsOwn(error)) throw error;
      response.status(error.status);
      return this.page(actor, organizationId, memberId, request, response, error);
    }
  }

  private async page(
    actor: Actor,
    organizationId: string,
    memberId: string,
    request: AuthenticatedRequest,
    response: Response,
    refusal: Refusal | null = null,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const member = await readMember(em, actor, organizationId, memberId);
      const choices = await readMemberChoices(em, actor, organizationId, memberId);
      const workspace = choices.workspaceRoles.map(explained);
      const administrator = choices.administratorRoles.map(explained);
      return {
        organization: await readOrganization(em, actor, organizationId),
        member,
        path: `/organizations/${organizationId}/teammates/${memberId}`,
        workspaceRoles: workspace,
        workspaceRules: rulesIn(workspace),
        mayChangeWorkspaceRole: workspace.some(({ held, barred }) => !held && barred === null),
        removeRoleBarred: words(choices.removeWorkspaceRole),
        mayRemoveRole: member.workspaceRole !== null && choices.removeWorkspaceRole === null,
        administratorRoles: administrator,
        administratorRules: rulesIn(administrator),
        mayAssign: administrator.some(({ barred }) => barred === null),
        decrypt: { ...choices.decryptLogs, rule: words(choices.decryptLogs.barred) },
        botBuilder: botBuilderRoles.map((role) => ({ role, held: member.appTray.botBuilder.includes(role) })),
        botBuilderRule: words(choices.botBuilder),
        removeRule: words(choices.remove),
        needsConfirmation: member.confirmed === false,
        confirmRule: words(choices.confirm),
      };
    });
    return this.console.page(request, response, {
      template: 'members/teammate',
      title: `${model.member.account.displayName}, ${model.organization.name}`,
      organizationId,
      alert: refusal && wordsOf(refusal),
      model,
    });
  }
}

/** The words of a rule that bars something; null where nothing does. */
function words(code: string | null): string | null {
  if (code === null) return null;
  const { title, next } = errorCatalogue[isErrorCode(code) ? code : 'forbidden'];
  return `${title}. ${next}`;
}

const explained = <Choice extends { held: boolean; barred: string | null }>(choice: Choice) => ({
  ...choice,
  disabled: choice.barred !== null,
  // A box that cannot be changed is not sent, so what is held is sent for it.
  kept: choice.held && choice.barred !== null,
});

/** Each rule once, however many choices it bars; the role somebody has already needs no excuse. */
function rulesIn(choices: readonly { held: boolean; barred: string | null }[]): string[] {
  return [
    ...new Set(choices.filter(({ held, barred }) => barred !== null && !held).map(({ barred }) => words(barred) ?? '')),
  ];
}

function olderThan(cursor: string, query: string | undefined): string {
  return `?${new URLSearchParams({ ...(query && { query }), cursor }).toString()}`;
}

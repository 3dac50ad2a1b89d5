import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  acceptedInvite,
  acceptInvite as acceptBody,
  createInvite as createBody,
  invite,
  invitePage,
  inviteQuery,
  Refusal,
  type AcceptInvite,
  type CreateInvite,
  type InviteView,
} from '#contracts';
import {
  aVisitor,
  acceptInvite,
  beginInviting,
  cancelInvite,
  createInvite,
  Decisions,
  listInvites,
  onlyOnce,
  readInvite,
  resendInvite,
  viewInvite,
  type Actor,
  type Once,
} from '#decisions';
import type { Principal } from '#identity';
import { asSystem, Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf, CallerAsActor, OptionalCaller } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

/** Whoever sends an invite again or withdraws it needs what making it needs. */
const managing = [
  'not_found',
  'forbidden',
  'may_not_invite_users',
  'may_not_give_owner',
  'may_not_assign_administrator_roles',
  'may_not_assign_bot_builder',
  'restricted_administrator_mode',
] as const;

@ApiTags('invites')
@Controller('v1')
export class InvitesController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Post('organizations/:organizationId/invites')
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    description: 'An invite of the person that gives just this is open already: this one',
    standardSchema: invite,
  })
  @Operation({
    summary: 'Invite somebody',
    scope: 'invites:write',
    description:
      "The right mails go out for the tenant's login methods. While an invite of the person is open that gives the same, that one is returned with 200; one that gives something else is named in `state` of a 409.",
    answer: invite,
    status: 201,
    problems: [
      'name_not_acceptable',
      'address_not_acceptable',
      'not_found',
      'may_not_invite_users',
      'may_not_give_owner',
      'may_not_assign_administrator_roles',
      'owner_needs_client_scope',
      'partner_role_outside_partner',
      'restricted_administrator_mode',
      'invite_without_roles',
      'already_member',
      'invite_open',
      'role_not_available',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateInvite,
  ): Promise<Created<InviteView> | InviteView> {
    const { view, isNew } = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => {
        const inviting = await beginInviting(decision, organizationId);
        const invited = await createInvite(decision, inviting, body);
        return { view: await viewInvite(decision, invited.invite), isNew: invited.isNew };
      }),
    );
    return isNew ? new Created(`/v1/organizations/${organizationId}/invites/${view.id}`, view) : view;
  }

  @Get('organizations/:organizationId/invites')
  @Operation({
    scope: 'invites:read',
    summary: 'Invites of an organization',
    answer: invitePage,
    problems: ['not_found', 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: inviteQuery }) query: z.infer<typeof inviteQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listInvites(em, actor, organizationId, query));
  }

  @Get('organizations/:organizationId/invites/:inviteId')
  @Operation({ scope: 'invites:read', summary: 'One invite', answer: invite, problems: ['not_found', 'forbidden'] })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('inviteId', new ResourceId()) inviteId: string,
  ): Promise<InviteView> {
    return this.database.transaction(actor.tenancy, (em) => readInvite(em, actor, organizationId, inviteId));
  }

  @Post('organizations/:organizationId/invites/:inviteId/resend')
  @HttpCode(200)
  @Operation({
    summary: 'Send the invite again with a new link',
    scope: 'invites:write',
    description: 'The old link is void, and the time begins anew. Repairs an invite whose mail could not be delivered.',
    answer: invite,
    problems: [...managing, 'invite_not_pending', 'version_mismatch'],
  })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('inviteId', new ResourceId()) inviteId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<InviteView> {
    return this.change(actor, organizationId, inviteId, ifMatch, resendInvite);
  }

  @Post('organizations/:organizationId/invites/:inviteId/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw an open invite',
    scope: 'invites:write',
    answer: invite,
    problems: [...managing, 'invite_not_pending', 'version_mismatch'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('inviteId', new ResourceId()) inviteId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<InviteView> {
    return this.change(actor, organizationId, inviteId, ifMatch, cancelInvite);
  }

  private async change(
    actor: Actor,
    organizationId: string,
    inviteId: string,
    ifMatch: string | null,
    decide: typeof resendInvite,
  ): Promise<InviteView> {
    return this.decisions.decide(actor, async (decision) =>
      viewInvite(decision, await decide(decision, organizationId, inviteId, matching(ifMatch))),
    );
  }

  @Post('invites/accept')
  @HttpCode(200)
  @Public()
  @Operation({
    summary: 'Accept an invite with the token of its link',
    description: 'Without an account: choose a username and a password. With one: signed in, send the token alone.',
    answer: acceptedInvite,
    isPublic: true,
    problems: [
      'name_not_acceptable',
      'not_found',
      'invite_link_used',
      'invite_link_void',
      'invite_link_expired',
      'invite_link_cancelled',
      'account_exists',
      'address_mismatch',
      'login_method_not_allowed',
      'password_not_acceptable',
      'username_taken',
      'already_member',
      'inviter_not_entitled',
    ],
  })
  async accept(
    @OptionalCaller() principal: Principal | null,
    @Req() request: AuthenticatedRequest,
    @Body({ schema: acceptBody }) body: AcceptInvite,
  ): Promise<z.infer<typeof acceptedInvite>> {
    // The token is the claim; whose it is turns out in the transaction.
    const actor: Actor = principal ? { ...actorOf(principal, request.ip), tenancy: asSystem } : aVisitor(request.ip);
    const {
      invite: row,
      member,
      wasMember,
    } = await this.decisions.decide(actor, (decision) => acceptInvite(decision, principal, body));
    if (wasMember) throw new Refusal('already_member', { state: { memberId: member.id } });
    return { inviteId: row.id, organizationId: row.organizationId, memberId: member.id, accountId: member.accountId };
  }
}

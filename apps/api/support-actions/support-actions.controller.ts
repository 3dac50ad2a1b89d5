import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  proposeSupportAction as proposeBody,
  Refusal,
  supportAction,
  supportActionPage,
  supportActionQuery,
  type ProposeSupportAction,
  type SupportActionQuery,
  type SupportActionView,
} from '#contracts';
import {
  cancelSupportAction,
  confirmSupportAction,
  Decisions,
  listSupportActions,
  onlyOnce,
  proposeSupportAction,
  readSupportAction,
  viewSupportActions,
  type Actor,
  type Decision,
  type Once,
} from '#decisions';
import { asSystem, Database, type SupportAction } from '#persistence';
import { Created } from '../answers/created.ts';
import { OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

/** Two named people of the support team, where one is not enough. */
@ApiTags('support actions')
@Controller('v1/support-actions')
export class SupportActionsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Post()
  @Operation({
    summary: 'Propose what two people of the support team do together',
    description:
      'A second named person confirms it within the hour, a recovery within three days. The Owners and full administrators of the organization are told of the proposal and of what came of it.',
    answer: supportAction,
    status: 201,
    problems: ['not_found', 'support_only', 'person_required', 'step_up_required', 'idempotency_key_reused'],
  })
  async propose(
    @CallerAsActor() actor: Actor,
    @OnlyOnce() once: Once | null,
    @Body({ schema: proposeBody }) body: ProposeSupportAction,
  ): Promise<Created<SupportActionView>> {
    const view = await this.decisions.decide(asTheSystem(actor), (decision) =>
      onlyOnce(decision.em, once, async () => viewOf(decision, await proposeSupportAction(decision, body))),
    );
    return new Created(`/v1/support-actions/${view.id}`, view);
  }

  @Get()
  @Operation({ summary: 'What the support team proposed', answer: supportActionPage, problems: ['not_found'] })
  async list(
    @CallerAsActor() actor: Actor,
    @Query({ schema: supportActionQuery }) query: SupportActionQuery,
  ): Promise<{ items: SupportActionView[]; nextCursor: string | null }> {
    return this.database.transaction(asSystem, (em) => listSupportActions(em, actor, query));
  }

  @Get(':supportActionId')
  @Operation({ summary: 'One proposal', answer: supportAction, problems: ['not_found'] })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('supportActionId', new ResourceId()) id: string,
  ): Promise<SupportActionView> {
    return this.database.transaction(asSystem, (em) => readSupportAction(em, actor, id));
  }

  @Post(':supportActionId/confirm')
  @HttpCode(200)
  @Operation({
    summary: 'Confirm a proposal of another person, and thereby do it',
    description:
      'A recovery (`organization.recover-sign-in`, `membership.change-address`) may be confirmed by the same person once the Owners, who were mailed, had 24 hours to object.',
    answer: supportAction,
    problems: [
      'not_found',
      'support_only',
      'person_required',
      'second_person_required',
      'step_up_required',
      'request_not_pending',
      'relationship_exists',
      'not_a_partner',
      'not_a_customer',
      'last_owner',
      'last_full_administrator',
      'own_role',
      'not_sole_owner',
      'address_taken',
      'still_member',
    ],
  })
  async confirm(
    @CallerAsActor() actor: Actor,
    @Param('supportActionId', new ResourceId()) id: string,
  ): Promise<SupportActionView> {
    return this.decisions.decide(asTheSystem(actor), async (decision) =>
      viewOf(decision, await confirmSupportAction(decision, id)),
    );
  }

  @Post(':supportActionId/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw a proposal, or object to it as an Owner or full administrator of the organization',
    answer: supportAction,
    problems: ['not_found', 'support_only', 'person_required', 'request_not_pending'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('supportActionId', new ResourceId()) id: string,
  ): Promise<SupportActionView> {
    return this.decisions.decide(asTheSystem(actor), async (decision) =>
      viewOf(decision, await cancelSupportAction(decision, id)),
    );
  }
}

/** Proposals are nobody's tenant's: who may, the rule says. */
const asTheSystem = (actor: Actor): Actor => ({ ...actor, tenancy: asSystem });

async function viewOf({ em, now }: Decision, row: SupportAction): Promise<SupportActionView> {
  const [view] = await viewSupportActions(em, [row], await now());
  if (!view) throw new Refusal('not_found');
  return view;
}

import { Body, Controller, Delete, HttpCode, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { removal, type Removal } from '#contracts';
import { Decisions, removeAccount, type Actor } from '#decisions';
import { asSystem } from '#persistence';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('accounts')
@Controller('v1/accounts')
export class AccountsController {
  constructor(private readonly decisions: Decisions) {}

  @Delete(':accountId')
  @HttpCode(204)
  @Operation({
    summary: 'Remove an account, as the support team',
    description:
      'Every membership, session and way to sign in goes at once, with all that stood on them. No organization loses its last Owner or full administrator by it. Of somebody who is an Owner or full administrator two people do it (`POST /v1/support-actions`, `account.remove`).',
    status: 204,
    problems: [
      'not_found',
      'support_only',
      'own_role',
      'reason_required',
      'last_owner',
      'last_full_administrator',
      'two_people_required',
    ],
  })
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('accountId', new ResourceId()) accountId: string,
    @Body({ schema: removal }) body: Removal,
  ): Promise<void> {
    await this.decisions.decide({ ...actor, tenancy: asSystem }, (decision) =>
      removeAccount(decision, accountId, body?.reason),
    );
  }
}

import { Body, Controller, HttpCode, Post, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type { z } from 'zod';
import {
  changePassword as changeBody,
  normalizeAddress,
  Refusal,
  requestPasswordReset,
  resetPassword,
} from '#contracts';
import {
  aVisitor,
  changePassword,
  completePasswordReset,
  Decisions,
  requestPasswordReset as requestReset,
} from '#decisions';
import { confirmPassword, countAttempt, type AttemptLimits, type Principal } from '#identity';
import { asSystem, Database } from '#persistence';
import { Public } from '../authentication/authentication.guard.ts';
import { actorOf, Caller } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';

/** Enough for somebody who does not find the mail, too little to fill a mailbox. */
export const resetLimits: AttemptLimits = {
  kind: 'password-reset',
  perName: 5,
  perNetwork: 50,
  windowSeconds: 15 * 60,
};

@ApiTags('sessions')
@Controller('v1')
export class PasswordsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Post('password-resets')
  @HttpCode(202)
  @Public()
  @Operation({
    summary: 'Ask for a mail to set a new password',
    description: 'The answer and its time are the same whether or not the address belongs to somebody.',
    status: 202,
    isPublic: true,
    problems: ['address_not_acceptable'],
  })
  async request(
    @Body({ schema: requestPasswordReset }) { email }: z.infer<typeof requestPasswordReset>,
    @Req() { ip }: Request,
  ): Promise<void> {
    await countAttempt(this.database, resetLimits, { name: normalizeAddress(email), sourceAddress: ip });
    await this.decisions.decide(aVisitor(ip), (decision) => requestReset(decision, email));
  }

  @Post('password-resets/complete')
  @HttpCode(204)
  @Public()
  @Operation({
    summary: 'Set a new password with the token of the mail',
    description: 'The token works once, for an hour. Every session of the person ends.',
    status: 204,
    isPublic: true,
    problems: ['reset_link_invalid', 'password_not_acceptable'],
  })
  async complete(
    @Body({ schema: resetPassword }) body: z.infer<typeof resetPassword>,
    @Req() { ip }: Request,
  ): Promise<void> {
    await this.decisions.decide(aVisitor(ip), (decision) => completePasswordReset(decision, body));
  }

  @Put('me/password')
  @HttpCode(204)
  @Operation({
    summary: 'Change your password',
    description: 'Your other sessions end.',
    status: 204,
    problems: ['forbidden', 'wrong_credentials', 'password_not_acceptable'],
  })
  async change(
    @Caller() caller: Principal,
    @Body({ schema: changeBody }) { currentPassword, password }: z.infer<typeof changeBody>,
    @Req() { ip }: Request,
  ): Promise<void> {
    if (caller.kind !== 'account') throw new Refusal('forbidden', { detail: 'Only people have a password.' });
    await confirmPassword(this.database, {
      accountId: caller.accountId,
      password: currentPassword,
      sourceAddress: ip,
    });
    await this.decisions.decide({ ...actorOf(caller, ip), tenancy: asSystem }, (decision) =>
      changePassword(decision, caller, password),
    );
  }
}

import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { cancelInvite, Decisions, resendInvite, type Actor } from '#decisions';
import { CallerAsActor } from '../authentication/caller.ts';
import { localPath } from '../console/page-path.ts';
import { Pages } from '../console/pages.decorator.ts';
import { ResourceId } from '../problem/validation.ts';

const backForm = z.object({ back: z.string().catch('').transform(localPath) });
type BackForm = z.infer<typeof backForm>;

/** Sending an open invite again and withdrawing it, from whatever page lists it. */
@Pages()
@Controller('organizations/:organizationId/invites')
export class ManageInvitesPages {
  constructor(private readonly decisions: Decisions) {}

  /** Where the mail about an undeliverable invite leads. */
  @Get()
  list(@Param('organizationId', new ResourceId()) organizationId: string, @Res() response: Response): void {
    response.redirect(303, `/organizations/${organizationId}/teammates`);
  }

  @Post(':inviteId/resend')
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('inviteId', new ResourceId()) inviteId: string,
    @Body({ schema: backForm }) { back }: BackForm,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => resendInvite(decision, organizationId, inviteId));
    response.redirect(303, withNotice(back, 'invite-resent'));
  }

  @Post(':inviteId/cancel')
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('inviteId', new ResourceId()) inviteId: string,
    @Body({ schema: backForm }) { back }: BackForm,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => cancelInvite(decision, organizationId, inviteId));
    response.redirect(303, withNotice(back, 'invite-cancelled'));
  }
}

function withNotice(path: string, notice: string): string {
  const url = new URL(path, 'http://countersign.invalid');
  url.searchParams.set('notice', notice);
  return `${url.pathname}${url.search}`;
}

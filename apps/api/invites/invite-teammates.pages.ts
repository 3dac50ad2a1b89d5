import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { administratorRoles, isPartnerRole, mayInvite, workspaceRoles, type InviteContents } from '#access';
import { createInvite as inviteSchema, errorCatalogue, isErrorCode, Refusal } from '#contracts';
import {
  beginInviting,
  createInvite,
  createInviteBatch,
  Decisions,
  readInviteBatch,
  readOrganization,
  subjectOf,
  type Actor,
} from '#decisions';
import { Database, databaseNow, loadTarget } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { optionalField, ticked } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { refusalOf } from '../problem/validation.ts';
import { readInvitesCsv } from '../invite-batches/read-csv.ts';
import { ResourceId } from '../problem/validation.ts';

const inviteForm = z.object({
  email: z.string().trim().max(254).catch(''),
  displayName: optionalField(z.string().max(200)),
  workspaceRole: optionalField(z.enum(workspaceRoles)),
  administratorRoles: ticked(z.enum(administratorRoles)),
});
type InviteForm = z.infer<typeof inviteForm>;
const manyForm = z.object({ csv: z.string().catch('') });
const seenQuery = z.object({ seen: z.string().max(100).default('') });

/** Inviting one teammate or many; a role the viewer may not give is greyed out, and the rule stands below. */
@Pages()
@Controller('organizations/:organizationId')
export class InviteTeammatesPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get('invite')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(actor, organizationId, request, response);
  }

  @Post('invite')
  @Html()
  async invite(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: inviteForm }) form: InviteForm,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    try {
      const input = inviteSchema.safeParse(form);
      if (!input.success) throw refusalOf(input.error.issues);
      await this.decisions.decide(actor, async (decision) =>
        createInvite(decision, await beginInviting(decision, organizationId), input.data),
      );
      response.redirect(303, `/organizations/${organizationId}/teammates?notice=invite-sent`);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'not_found' || error.status >= 500) throw error;
      response.status(error.status);
      return this.page(actor, organizationId, request, response, { error, form });
    }
  }

  @Post('invite-many')
  @Html()
  async inviteMany(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: manyForm }) { csv }: z.infer<typeof manyForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    try {
      const rows = readInvitesCsv(csv);
      const batch = await this.decisions.decide(actor, (decision) => createInviteBatch(decision, organizationId, rows));
      response.redirect(303, `/organizations/${organizationId}/invite-batches/${batch.id}`);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'not_found' || error.status >= 500) throw error;
      response.status(error.status);
      return this.page(actor, organizationId, request, response, { error, csv });
    }
  }

  @Get('invite-batches/:batchId')
  @Html()
  async batch(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('batchId', new ResourceId()) batchId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.console.page(request, response, {
      template: 'invites/batch',
      title: 'Inviting many',
      organizationId,
      model: await this.batchModel(actor, organizationId, batchId),
    });
  }

  @Get('invite-batches/:batchId/status')
  @Html()
  async batchStatus(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('batchId', new ResourceId()) batchId: string,
    @Query({ schema: seenQuery }) { seen }: z.infer<typeof seenQuery>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    const model = await this.batchModel(actor, organizationId, batchId);
    if (model.state !== seen) return this.console.fragment(request, response, 'invites/batch', model);
    response.status(204);
    return undefined;
  }

  private async batchModel(actor: Actor, organizationId: string, batchId: string) {
    const batch = await this.database.transaction(actor.tenancy, (em) =>
      readInviteBatch(em, actor, organizationId, batchId),
    );
    return { ...batch, isRunning: batch.status === 'running', state: `${batch.status}.${batch.done}` };
  }

  private async page(
    actor: Actor,
    organizationId: string,
    request: AuthenticatedRequest,
    response: Response,
    refused: { error: Refusal; form?: InviteForm; csv?: string } | null = null,
  ): Promise<string> {
    const typed = refused?.form;
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const organization = await readOrganization(em, actor, organizationId);
      const target = await loadTarget(em, organizationId);
      if (!target) throw new Refusal('not_found');
      const subject = await subjectOf(em, actor);
      const now = await databaseNow(em);
      const barredBy = (contents: Pick<InviteContents, 'workspaceRole' | 'administratorRoles'>) => {
        const ruling = mayInvite(subject, target, { ...contents, scope: { kind: 'client' } }, now);
        return ruling.allowed ? null : ruling.code;
      };
      const workspace = workspaceRoles.map((role) => ({
        role,
        barred: barredBy({ workspaceRole: role, administratorRoles: [] }),
        chosen: role === (typed?.workspaceRole ?? 'limited_access'),
      }));
      const administrator = administratorRoles
        .filter((role) => organization.kind === 'partner' || !isPartnerRole(role))
        .map((role) => ({
          role,
          barred: barredBy({ workspaceRole: null, administratorRoles: [role] }),
          chosen: typed?.administratorRoles.includes(role) ?? false,
        }));
      return {
        organization,
        email: typed?.email ?? '',
        displayName: typed?.displayName ?? '',
        csv: refused?.csv ?? '',
        workspaceRoles: workspace,
        administratorRoles: administrator,
        rules: rulesIn([...workspace, ...administrator]),
      };
    });
    return this.console.page(request, response, {
      template: 'invites/invite',
      title: `Invite teammates to ${model.organization.name}`,
      organizationId,
      alert: refused && wordsOf(refused.error),
      model,
    });
  }
}

function rulesIn(choices: readonly { barred: string | null }[]): string[] {
  const codes = new Set(choices.flatMap(({ barred }) => (barred === null ? [] : [barred])));
  return [...codes].map((code) => {
    const { title, next } = errorCatalogue[isErrorCode(code) ? code : 'forbidden'];
    return `${title}. ${next}`;
  });
}

import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { accessSight, asHeld, mayRenewRelationship, mayRevokeGrant } from '#access';
import { inputInstant, reason, Refusal, type MemberView } from '#contracts';
import {
  changeExternalAdministrator,
  Decisions,
  elevationFlow,
  helpDeskSessionFlow,
  listExternalAdministrators,
  listGrants,
  listHelpDeskSessions,
  listInvites,
  listMembers,
  listRelationships,
  readGrant,
  readOrganization,
  renewRelationship,
  requireSight,
  revokeGrant,
  subjectOf,
  type Actor,
} from '#decisions';
import { Database, databaseNow, Organization } from '#persistence';
import { Cases } from '../approvals/cases.ts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { ResourceId } from '../problem/validation.ts';

const revokeForm = z.object({ reason: optionalField(reason) });
const renewForm = z.object({ until: inputInstant });
const most = { limit: 200 };
const recent = { limit: 30 };

/** A list the viewer may not see is left out, not an error of the page. */
async function orNothing<T>(list: Promise<{ items: T[] }>): Promise<T[] | null> {
  try {
    return (await list).items;
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) return null;
    throw error;
  }
}

/** The one person who can say yes to a partner, where there is only one; null where there are more, or it is not to be seen. */
function onlyApproverOf(members: readonly MemberView[] | null): string | null {
  const approvers = members?.filter(({ confirmed }) => confirmed === true) ?? [];
  const [only] = approvers;
  return only && approvers.length === 1 ? only.account.displayName : null;
}

/** Who has access to an organization now, until when, and the way to end it; what was asked for, and how that went. */
@Pages()
@Controller('organizations/:organizationId')
export class AccessPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    private readonly cases: Cases,
  ) {}

  @Get('access')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const now = await databaseNow(em);
      const { subject: viewer } = await requireSight(em, actor, organizationId, accessSight, now);
      const organization = await readOrganization(em, actor, organizationId);
      const members = await orNothing(listMembers(em, actor, organizationId, most));
      // External administrators have a list of their own below.
      const grants = (await listGrants(em, viewer, { organizationId, status: 'active', ...most })).items.filter(
        ({ kind }) => kind !== 'external-administrator',
      );
      const sessions = (await listHelpDeskSessions(em, viewer, { customerId: organizationId, ...recent })).items;
      const relationships = await orNothing(
        listRelationships(em, actor, organizationId, { includeEnded: false, ...most }),
      );
      const external = await orNothing(listExternalAdministrators(em, actor, organizationId, most));
      const pending = await orNothing(listInvites(em, actor, organizationId, { status: 'pending', ...most }));
      const failed = await orNothing(listInvites(em, actor, organizationId, { status: 'failed', ...most }));
      const partners = await em.find(Organization, { id: { $in: grants.map(({ partnerId }) => partnerId) } });
      const judged = { inSession: viewer, inAll: asHeld(viewer) };
      const mayRevoke = mayRevokeGrant(viewer, { organizationId }, now).allowed;
      return {
        organization,
        temporary: grants.map((grant) => ({
          ...grant,
          partnerName: partners.find(({ id }) => id === grant.partnerId)?.name ?? '',
          isSession: grant.kind === 'help-desk-session',
          href: `${grant.kind === 'elevation' ? '/elevations' : '/help-desk-sessions'}/${grant.sourceId}`,
          revokePath: mayRevoke ? `/organizations/${organizationId}/grants/${grant.id}/revoke` : null,
        })),
        standing:
          members?.filter(({ kind, administratorRoles }) => kind === 'home' && administratorRoles.length > 0) ?? null,
        external,
        onlyApprover: onlyApproverOf(members),
        partners: (relationships ?? [])
          .filter(({ customerId }) => customerId === organizationId)
          .map((one) => ({
            ...one,
            renewPath:
              one.activeUntil && one.origin === 'provisioned' && mayRenewRelationship(judged, one, now).allowed
                ? `/organizations/${organizationId}/relationships/${one.id}/renew`
                : null,
          })),
        customers: (relationships ?? []).filter(({ partnerId }) => partnerId === organizationId).length,
        invites: pending && [...(failed ?? []), ...pending],
        sessions: sessions.filter(({ status }) => status !== 'active'),
      };
    });
    const history = await this.cases.list(actor, { organizationId, ...recent });
    return this.console.page(request, response, {
      template: 'grants/access',
      title: `Who has access to ${model.organization.name}`,
      organizationId,
      model: {
        ...model,
        history: history.map((line) => ({ ...line, latest: line.timeline.at(-1) })),
      },
    });
  }

  @Post('relationships/:relationshipId/renew')
  async renew(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('relationshipId', new ResourceId()) relationshipId: string,
    @Body({ schema: renewForm }) { until }: z.infer<typeof renewForm>,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      renewRelationship(decision, organizationId, relationshipId, until),
    );
    response.redirect(303, `/organizations/${organizationId}/access?notice=renewed`);
  }

  @Post('external-administrators/:memberId/renew')
  async renewExternal(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Body({ schema: renewForm }) { until }: z.infer<typeof renewForm>,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      changeExternalAdministrator(decision, organizationId, memberId, { until }),
    );
    response.redirect(303, `/organizations/${organizationId}/access?notice=renewed`);
  }

  @Post('grants/:grantId/revoke')
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('grantId', new ResourceId()) grantId: string,
    @Body({ schema: revokeForm }) form: z.infer<typeof revokeForm>,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, async (decision) => {
      const grant = await readGrant(decision.em, await subjectOf(decision.em, actor), grantId);
      if (grant.kind === 'external-administrator') throw new Refusal('not_found');
      await (grant.kind === 'elevation'
        ? revokeGrant(decision, elevationFlow, grant.sourceId, form)
        : revokeGrant(decision, helpDeskSessionFlow, grant.sourceId, form));
    });
    response.redirect(303, `/organizations/${organizationId}/access?notice=revoked`);
  }
}

import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Cases } from '../approvals/cases.ts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf, Caller, onlySayingNoIn } from '../authentication/caller.ts';
import { listGrants, subjectOf, type Actor } from '#decisions';
import type { Principal } from '#identity';
import { Database, Organization } from '#persistence';
import { Console } from './console.ts';
import { hasCustomers, pagesOf } from './navigation.ts';
import { Html, Pages } from './pages.decorator.ts';

/** The start: what waits for a decision, and the organizations to choose from. */
@Pages()
@Controller()
export class HomePages {
  constructor(
    private readonly console: Console,
    private readonly cases: Cases,
    private readonly database: Database,
  ) {}

  @Get()
  @Html()
  async home(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const viewer = this.console.viewerOf(request);
    const actor = actorOf(caller, request.ip);
    const pending = await this.cases.list(actor, { status: 'pending', limit: 100 });
    const open = await this.openAccess(actor);
    return this.console.page(request, response, {
      template: 'console/home',
      title: 'Start',
      model: {
        toDecide: pending.filter(({ mayDecide }) => mayDecide),
        mine: pending.filter(({ isOwn }) => isOwn),
        open,
        organizations: (viewer?.memberships ?? []).map((membership) => ({
          name: membership.organization.name,
          kind: membership.organization.kind,
          workspaceRole: membership.workspaceRole,
          administratorRoles: membership.administratorRoles,
          pages: pagesOf(membership),
        })),
        saysNoElsewhere: onlySayingNoIn(caller).length > 0,
        helpDesk: viewer?.memberships.some(hasCustomers) ?? false,
      },
    });
  }

  /** Temporary access that goes on now: the viewer's own, and what others have to the organizations they decide for. */
  private async openAccess(actor: Actor) {
    return this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const { items } = await listGrants(em, viewer, { status: 'active', limit: 100 });
      const grants = items.filter(({ kind }) => kind !== 'external-administrator');
      const organizations = await em.find(Organization, { id: { $in: grants.map((grant) => grant.organizationId) } });
      return grants.map((grant) => ({
        ...grant,
        isOwn: grant.account.id === viewer.accountId,
        organizationName: organizations.find(({ id }) => id === grant.organizationId)?.name ?? '',
        href: `${grant.kind === 'elevation' ? '/elevations' : '/help-desk-sessions'}/${grant.sourceId}`,
        what: grant.kind === 'elevation' ? 'may change settings' : 'may read settings',
      }));
    });
  }

  /** The organization whose accesses somebody means who names none: the only one, or the one chosen at the start. */
  @Get('access')
  async access(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const viewer = this.console.viewerOf(request);
    const links = (viewer?.memberships ?? []).flatMap((membership) =>
      pagesOf(membership).filter(({ href }) => href.endsWith('/access')),
    );
    const [only] = links;
    response.redirect(303, only && links.length === 1 ? only.href : '/');
  }
}

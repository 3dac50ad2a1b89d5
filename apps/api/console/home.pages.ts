import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { isEligibleApprover } from '#access';
import { listChangeRequests, listElevations, listExternalAdministratorRequests, subjectOf } from '#decisions';
import { Database, databaseNow } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf, Caller } from '../authentication/caller.ts';
import type { Principal } from '#identity';
import { Console } from './console.ts';
import { hasCustomers, pagesOf } from './navigation.ts';
import { Html, Pages } from './pages.decorator.ts';

/** The start: what waits for a decision, and the organizations to choose from. */
@Pages()
@Controller()
export class HomePages {
  constructor(
    private readonly console: Console,
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
    const pending = await this.database.transaction(caller.tenancy, async (em) => {
      const subject = await subjectOf(em, actorOf(caller, request.ip));
      const { items } = await listElevations(em, subject, { status: 'pending', limit: 50 });
      const now = await databaseNow(em);
      return items.map((item) => ({
        ...item,
        toDecide: isEligibleApprover(
          subject,
          { requesterId: item.requester.id, partnerId: item.partnerId, organizationId: item.customerId },
          now,
        ).allowed,
        mine: item.requester.id === subject.accountId,
      }));
    });
    const { items: asking } = await this.database.transaction(caller.tenancy, async (em) =>
      listExternalAdministratorRequests(em, await subjectOf(em, actorOf(caller, request.ip)), {
        status: 'pending',
        limit: 50,
      }),
    );
    const changes = await this.database.transaction(caller.tenancy, async (em) => {
      const subject = await subjectOf(em, actorOf(caller, request.ip));
      const now = await databaseNow(em);
      const { items } = await listChangeRequests(em, subject, null, { status: 'pending', limit: 50 });
      return items.map((item) => ({
        ...item,
        toDecide: isEligibleApprover(subject, { ...item, requesterId: item.requester.id }, now).allowed,
        mine: item.requester.id === subject.accountId,
      }));
    });
    return this.console.page(request, response, {
      template: 'console/home',
      title: 'Start',
      model: {
        toDecide: pending.filter((item) => item.toDecide),
        mine: pending.filter((item) => item.mine),
        toAgree: changes.filter((item) => item.toDecide),
        proposed: changes.filter((item) => item.mine),
        // The roles to choose from are told to those who may decide, and to nobody else.
        toLetIn: asking.filter(({ availableRoles }) => availableRoles.length > 0),
        askedToAdminister: asking.filter(({ requester }) => requester.id === viewer?.account?.id),
        organizations: (viewer?.memberships ?? []).map((membership) => ({
          name: membership.organization.name,
          kind: membership.organization.kind,
          workspaceRole: membership.workspaceRole,
          administratorRoles: membership.administratorRoles,
          pages: pagesOf(membership),
        })),
        helpDesk: viewer?.memberships.some(hasCustomers) ?? false,
      },
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

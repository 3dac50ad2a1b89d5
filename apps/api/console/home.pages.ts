import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Cases } from '../approvals/cases.ts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf, Caller, onlySayingNoIn } from '../authentication/caller.ts';
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
    private readonly cases: Cases,
  ) {}

  @Get()
  @Html()
  async home(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const viewer = this.console.viewerOf(request);
    const pending = await this.cases.list(actorOf(caller, request.ip), { status: 'pending', limit: 100 });
    return this.console.page(request, response, {
      template: 'console/home',
      title: 'Start',
      model: {
        toDecide: pending.filter(({ mayDecide }) => mayDecide),
        mine: pending.filter(({ isOwn }) => isOwn),
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

import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { CompleteConfig } from '#config';
import { displayName, password, Refusal, username } from '#contracts';
import { aVisitor, acceptInvite, Decisions, readInviteLink, type Actor, type InviteLink } from '#decisions';
import { sessionOpens, signIn, type Principal } from '#identity';
import { asSystem, Database } from '#persistence';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { setSessionCookie } from '../console/session-cookie.ts';
import { configuration } from '../tokens.ts';

const acceptForm = z.object({
  username: optionalField(username),
  password: optionalField(password),
  displayName: optionalField(displayName),
});
type AcceptForm = z.infer<typeof acceptForm>;

/** What happened to a link that no longer works; whom to ask comes from the invite. */
const closedLinks: Readonly<
  Record<Exclude<InviteLink['state'], 'open'>, { title: string; text: string; ask: boolean }>
> = {
  accepted: {
    title: 'This invite has been accepted already',
    text: 'If that was you, sign in with the account you chose. If it was not, tell the organization at once.',
    ask: false,
  },
  void: {
    title: 'A newer link has been sent',
    text: 'This link no longer works. Use the one in the latest mail to the same address.',
    ask: false,
  },
  expired: { title: 'This invite has expired', text: 'Nobody accepted it in time.', ask: true },
  cancelled: { title: 'This invite was withdrawn', text: 'The organization took it back.', ask: true },
};

/** Where an invite's mail leads: opening it changes nothing, sending the form accepts. */
@Pages()
@Controller('invites')
export class InvitePages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get(':token')
  @Public()
  @Html()
  async show(
    @Param('token') token: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(token, request, response);
  }

  @Post(':token')
  @Public()
  @Html()
  async accept(
    @Param('token') token: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: acceptForm }) form: AcceptForm,
  ): Promise<string | undefined> {
    const { principal } = request;
    let accepted: { email: string };
    try {
      accepted = await this.decisions.decide(actorFor(request), async (decision) => {
        const { invite } = await acceptInvite(decision, principal ?? null, { token, ...form });
        return { email: invite.email };
      });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'not_found' || error.status >= 500) throw error;
      response.status(error.status);
      return this.page(token, request, response, { error, form });
    }
    if (form.password) {
      const opened = await signIn(this.database, {
        login: form.username ?? accepted.email,
        password: form.password,
        userAgent: request.headers['user-agent'] ?? null,
        sourceAddress: request.ip,
      });
      setSessionCookie(response, opened.token, opened.expiresAt, this.config);
    }
    response.redirect(303, `/?notice=${principal ? 'joined' : 'welcome'}`);
    return undefined;
  }

  private async page(
    token: string,
    request: AuthenticatedRequest,
    response: Response,
    refused: { error: Refusal; form: AcceptForm } | null = null,
  ): Promise<string> {
    const link = await this.decisions.decide(actorFor(request), ({ em, settings }) =>
      readInviteLink(em, settings.inviteKeys, token, request.principal ?? null),
    );
    if (link.state !== 'open') {
      response.status(410);
      const { title } = closedLinks[link.state];
      return this.console.page(request, response, {
        template: 'invites/closed',
        title,
        model: { ...closedLinks[link.state], link },
      });
    }
    const me = request.principal?.kind === 'account' ? request.principal : null;
    const way = wayIn(link, me);
    return this.console.page(request, response, {
      template: 'invites/accept',
      title: `Join ${link.organization.name}`,
      alert: refused && wordsOf(refused.error),
      model: {
        link,
        action: `/invites/${token}`,
        signInPath: `/sign-in?return=${encodeURIComponent(`/invites/${token}`)}`,
        token,
        firstPassword: way === 'first-password',
        signUp: way === 'sign-up',
        confirm: way === 'confirm',
        signIn: way === 'sign-in',
        otherAccount: way === 'other-account',
        singleSignOn: way === 'single-sign-on',
        offersSingleSignOn: link.organization.hasProvider,
        username: refused?.form.username ?? '',
        displayName: refused?.form.displayName ?? link.displayName ?? '',
      },
    });
  }
}

type WayIn = 'sign-up' | 'first-password' | 'confirm' | 'sign-in' | 'other-account' | 'single-sign-on';

/** How the person at the link gets in; the decision judges it again. */
function wayIn(
  { accountId, hasPassword, organization }: InviteLink,
  me: (Principal & { kind: 'account' }) | null,
): WayIn {
  if (me && me.accountId !== accountId) return 'other-account';
  if (me && sessionOpens({ method: me.method, organizationId: me.sessionOrganizationId }, organization))
    return 'confirm';
  if (!organization.loginMethods.includes('password')) return 'single-sign-on';
  if (accountId === null) return 'sign-up';
  return hasPassword ? 'sign-in' : 'first-password';
}

/** The token is the claim; whose it is turns out in the transaction. */
function actorFor({ principal, ip }: AuthenticatedRequest): Actor {
  return principal ? { ...actorOf(principal, ip), tenancy: asSystem } : aVisitor(ip);
}

import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { matricesInForce, type Matrices } from '#access';
import type { CompleteConfig } from '#config';
import { Decisions } from '#decisions';
import { textRecords, type ResolveText } from '#outbound';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { ActivitiesController } from './activities/activities.controller.ts';
import { GrantReportPages } from './activities/grant-report.pages.ts';
import { EvaluationCounters } from './evaluation/evaluation-counters.ts';
import { AliasesController } from './aliases/aliases.controller.ts';
import { AccountsController } from './accounts/accounts.controller.ts';
import { OwnAccountController } from './accounts/own-account.controller.ts';
import { OwnAccountPages } from './accounts/own-account.pages.ts';
import { AnswerInterceptor } from './answers/answer.interceptor.ts';
import { Cases } from './approvals/cases.ts';
import { LongPolls } from './answers/long-polls.ts';
import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { AuditController } from './audit/audit.controller.ts';
import { AuditKeysController } from './audit-keys/audit-keys.controller.ts';
import { AuditPages } from './audit/audit.pages.ts';
import { ApiKeyGuard } from './authentication/api-key.guard.ts';
import { AuthenticationGuard } from './authentication/authentication.guard.ts';
import { Draining } from './draining/draining.ts';
import { LoginMethodGuard } from './authentication/login-method.guard.ts';
import { ChangeRequestsController } from './change-requests/change-requests.controller.ts';
import { ChangeRequestsPages } from './change-requests/change-requests.pages.ts';
import { Console } from './console/console.ts';
import { HomePages } from './console/home.pages.ts';
import { ProblemPages } from './console/problem-pages.ts';
import { CustomersController } from './customers/customers.controller.ts';
import { DomainsController } from './domains/domains.controller.ts';
import { EffectiveAccessController } from './effective-access/effective-access.controller.ts';
import { ElevationsController } from './elevations/elevations.controller.ts';
import { ElevationsPages } from './elevations/elevations.pages.ts';
import { EvaluationController } from './evaluation/evaluation.controller.ts';
import { AccessPages } from './grants/access.pages.ts';
import { ExternalAdministratorRequestsController } from './external-administrators/external-administrator-requests.controller.ts';
import { ExternalAdministratorsController } from './external-administrators/external-administrators.controller.ts';
import { ExternalAdministratorsPages } from './external-administrators/external-administrators.pages.ts';
import { GrantsController } from './grants/grants.controller.ts';
import { BacklogGauges } from './health/backlog-gauges.ts';
import { HealthController } from './health/health.controller.ts';
import { KnownKeys } from './health/known-keys.ts';
import { HelpDeskSessionsPages } from './help-desk-sessions/help-desk-sessions.pages.ts';
import { HelpDeskSessionsController } from './help-desk-sessions/help-desk-sessions.controller.ts';
import { GroupsController, TeamsController } from './groups/groups.controller.ts';
import { InviteBatchesController } from './invite-batches/invite-batches.controller.ts';
import { InvitesController } from './invites/invites.controller.ts';
import { ManageInvitesPages } from './invites/manage-invites.pages.ts';
import { InvitePages } from './invites/invite.pages.ts';
import { InviteTeammatesPages } from './invites/invite-teammates.pages.ts';
import { MailPreviewPages } from './mail-preview/mail-preview.pages.ts';
import { MembersController } from './members/members.controller.ts';
import { MembersPages } from './members/members.pages.ts';
import { ApiDocument, DocumentationPages } from './openapi/documentation.pages.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { OrganizationRecoveriesController } from './organization-recoveries/organization-recoveries.controller.ts';
import { OrganizationRecoveriesPages } from './organization-recoveries/organization-recoveries.pages.ts';
import { PasswordsPages } from './passwords/passwords.pages.ts';
import { PasswordsController } from './passwords/passwords.controller.ts';
import { ProblemFilter } from './problem/problem.filter.ts';
import { contractPipe } from './problem/validation.ts';
import { SupportActionsController } from './support-actions/support-actions.controller.ts';
import { RelationshipsController } from './relationships/relationships.controller.ts';
import { RestrictedModeController } from './restricted-mode/restricted-mode.controller.ts';
import { RestrictedModePages } from './restricted-mode/restricted-mode.pages.ts';
import { RequestRateGuard, requestRates } from './rate-limit/request-rate.guard.ts';
import { RoleMatrixController } from './role-matrix/role-matrix.controller.ts';
import { OwnSessionsPages } from './sessions/own-sessions.pages.ts';
import { SignInMethodsController } from './sessions/sign-in-methods.controller.ts';
import { SessionsController } from './sessions/sessions.controller.ts';
import { SayingNoPages } from './saying-no/saying-no.pages.ts';
import { SignInPages } from './sessions/sign-in.pages.ts';
import { BackChannelLogoutController } from './single-sign-on/back-channel-logout.controller.ts';
import { SingleSignOnController } from './single-sign-on/single-sign-on.controller.ts';
import { TestProviderController } from './single-sign-on/test-provider.controller.ts';
import { StartSingleSignOnPages } from './single-sign-on/start.pages.ts';
import { configuration, matrices, resolveText } from './tokens.ts';
import { ScimController } from './scim/scim.controller.ts';
import { ScimTokensController } from './scim/scim-tokens.controller.ts';
import { ChannelsController } from './channels/channels.controller.ts';
import { SignalStreamsController } from './signal-streams/signal-streams.controller.ts';
import { WebhooksController } from './webhooks/webhooks.controller.ts';

/** What the API works with; made once per process by whoever starts it. */
export interface ApiParts {
  config: CompleteConfig;
  database: Database;
  decisions: Decisions;
  temporal: TemporalClient;
  matrices?: Matrices;
  /** By the name servers of this machine unless given. */
  resolveText?: ResolveText;
}

@Module({})
export class ApiModule {
  static with(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      imports: [requestRates(parts.config.requestsPerMinute, parts.database)],
      controllers: [
        ActivitiesController,
        AliasesController,
        ApiKeysController,
        AccountsController,
        OwnAccountController,
        AuditController,
        AuditKeysController,
        ChangeRequestsController,
        CustomersController,
        DomainsController,
        EffectiveAccessController,
        ElevationsController,
        EvaluationController,
        ExternalAdministratorRequestsController,
        ExternalAdministratorsController,
        GrantsController,
        HealthController,
        HelpDeskSessionsController,
        GroupsController,
        InviteBatchesController,
        InvitesController,
        ...(parts.config.nodeEnv === 'production' ? [] : [MailPreviewPages]),
        MembersController,
        OrganizationsController,
        RelationshipsController,
        SupportActionsController,
        RestrictedModeController,
        TeamsController,
        RoleMatrixController,
        PasswordsController,
        ScimController,
        ScimTokensController,
        OrganizationRecoveriesController,
        SessionsController,
        SignInMethodsController,
        SingleSignOnController,
        BackChannelLogoutController,
        TestProviderController,
        WebhooksController,
        ChannelsController,
        SignalStreamsController,
        DocumentationPages,
        ChangeRequestsPages,
        HomePages,
        SayingNoPages,
        SignInPages,
        StartSingleSignOnPages,
        InvitePages,
        ElevationsPages,
        ExternalAdministratorsPages,
        InviteTeammatesPages,
        RestrictedModePages,
        MembersPages,
        AuditPages,
        OwnAccountPages,
        OwnSessionsPages,
        AccessPages,
        GrantReportPages,
        HelpDeskSessionsPages,
        ManageInvitesPages,
        PasswordsPages,
        OrganizationRecoveriesPages,
      ],
      providers: [
        { provide: configuration, useValue: parts.config },
        { provide: matrices, useValue: parts.matrices ?? matricesInForce() },
        { provide: resolveText, useValue: parts.resolveText ?? textRecords },
        { provide: Database, useValue: parts.database },
        { provide: Decisions, useValue: parts.decisions },
        { provide: TemporalClient, useValue: parts.temporal },
        ApiDocument,
        BacklogGauges,
        Cases,
        Draining,
        EvaluationCounters,
        KnownKeys,
        LongPolls,
        Console,
        ProblemPages,
        RequestRateGuard,
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_GUARD, useExisting: RequestRateGuard },
        { provide: APP_GUARD, useClass: LoginMethodGuard },
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        { provide: APP_PIPE, useValue: contractPipe },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

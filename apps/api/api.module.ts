import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { defaultMatrices, type Matrices } from '#access';
import type { CompleteConfig } from '#config';
import { Decisions } from '#decisions';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { AnswerInterceptor } from './answers/answer.interceptor.ts';
import { AuditController } from './audit/audit.controller.ts';
import { AuthenticationGuard } from './authentication/authentication.guard.ts';
import { ElevationsController } from './elevations/elevations.controller.ts';
import { EvaluationController } from './evaluation/evaluation.controller.ts';
import { GrantsController } from './grants/grants.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { InvitesController } from './invites/invites.controller.ts';
import { MembersController } from './members/members.controller.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { ProblemFilter } from './problem/problem.filter.ts';
import { contractPipe } from './problem/validation.ts';
import { RoleMatrixController } from './role-matrix/role-matrix.controller.ts';
import { SessionsController } from './sessions/sessions.controller.ts';
import { configuration, matrices } from './tokens.ts';

/** What the API works with; made once per process by whoever starts it. */
export interface ApiParts {
  config: CompleteConfig;
  database: Database;
  decisions: Decisions;
  temporal: TemporalClient;
  matrices?: Matrices;
}

@Module({})
export class ApiModule {
  static with(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        AuditController,
        ElevationsController,
        EvaluationController,
        GrantsController,
        HealthController,
        InvitesController,
        MembersController,
        OrganizationsController,
        RoleMatrixController,
        SessionsController,
      ],
      providers: [
        { provide: configuration, useValue: parts.config },
        { provide: matrices, useValue: parts.matrices ?? defaultMatrices },
        { provide: Database, useValue: parts.database },
        { provide: Decisions, useValue: parts.decisions },
        { provide: TemporalClient, useValue: parts.temporal },
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_PIPE, useValue: contractPipe },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

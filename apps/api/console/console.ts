import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { CompleteConfig } from '#config';
import { describeMe } from '#decisions';
import { asSystem, Database, databaseNow } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { standingInSight } from '../authentication/caller.ts';
import { configuration } from '../tokens.ts';
import { formToken } from './csrf.ts';
import { navigationFor, type Navigation } from './navigation.ts';
import { noticeOf } from './notices.ts';
import { loadTemplates, type Render } from './templates.ts';
import type { Viewer } from './viewer.ts';
import { markFields } from './mark-fields.ts';
import { wordsOf, type Alert } from './words-of-refusal.ts';
import { pageOf } from './page-path.ts';

export interface Page {
  /** Feature and file: `elevations/decide`. */
  template: string;
  /** Of the tab and of history. */
  title: string;
  /** Whose pages these are, for the navigation. */
  organizationId?: string | undefined;
  /** The one thing that went wrong with what was just sent. */
  alert?: Alert | null;
  model: object;
}

/** Turns templates into answers, with the frame that every page has. */
@Injectable()
export class Console {
  private readonly render: Render = loadTemplates();

  constructor(
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  async page(request: AuthenticatedRequest, response: Response, page: Page): Promise<string> {
    const viewer = this.viewerOf(request);
    const frame = {
      // Visitors see nothing that runs out; their pages work without a database.
      now: viewer ? await this.now() : null,
      title: page.title,
      path: request.originalUrl,
      page: pageOf(request),
      viewer,
      navigation: viewer ? navigationFor(viewer, request.path, page.organizationId) : noNavigation,
      formToken: formToken(request, response, this.config),
      notice: noticeOf(request.query['notice']),
    };
    const { refusedForm } = request;
    if (refusedForm) response.status(refusedForm.refusal.status);
    const alert = refusedForm ? wordsOf(refusedForm.refusal) : (page.alert ?? null);
    const content = this.render(page.template, { ...page.model, frame });
    if (!alert) return this.render('console/layout', { ...frame, alert, content });
    const { html, placed } = markFields(content, {
      action: refusedForm?.action ?? request.path,
      typed: (request.body ?? {}) as Record<string, unknown>,
      errors: alert.errors,
    });
    const isAllSaid = alert.errors.length > 0 && alert.errors.every((error) => placed.has(error));
    return this.render('console/layout', {
      ...frame,
      title: placed.size > 0 ? `Not sent yet: ${page.title}` : page.title,
      alert: isAllSaid
        ? { title: alert.title, next: 'Nothing was changed. Correct what is marked below and send it again.' }
        : alert,
      content: html,
    });
  }

  /** A part of a page, for a page that stays open. */
  async fragment(request: AuthenticatedRequest, response: Response, template: string, model: object): Promise<string> {
    return this.render(template, {
      ...model,
      frame: {
        now: await this.now(),
        path: request.originalUrl,
        page: pageOf(request),
        formToken: formToken(request, response, this.config),
      },
    });
  }

  /** The database's clock: what is left of an access is the same on every machine. */
  private async now(): Promise<Date> {
    return this.database.transaction(asSystem, databaseNow);
  }

  viewerOf(request: AuthenticatedRequest): Viewer | null {
    const { principal } = request;
    const standing = standingInSight(request);
    return principal?.kind === 'account' && standing ? describeMe(standing, principal) : null;
  }
}

const noNavigation: Navigation = { links: [], organizationName: null, others: [] };

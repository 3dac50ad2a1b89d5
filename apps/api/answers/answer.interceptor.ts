import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { Created } from './created.ts';
import { entityTag } from './entity-tag.ts';
import { identities } from './identities.ts';

/** Gives new resources their 201 and Location, and every single resource its ETag. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((answer: unknown) => {
        const body: unknown = answer instanceof Created ? answer.body : answer;
        if (answer instanceof Created) response.status(201).setHeader('Location', answer.location);
        if (isResource(body) && !response.hasHeader('ETag')) response.setHeader('ETag', entityTag(body));
        return body;
      }),
    );
  }
}

/** What has an id, and what there is one of for the caller; pages and results of an act are none. */
function isResource(body: unknown): boolean {
  return typeof body === 'object' && body !== null && identities.some((name) => name in body);
}

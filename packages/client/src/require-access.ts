import type { Countersign } from './connect.ts';
import { CountersignProblem } from './countersign-problem.ts';

interface HttpResponse {
  status(code: number): { json(body: unknown): unknown };
}

/** Who wants to do what: told by the service that asks, never by the request's own word for it. */
export interface AccessQuestion<Request> {
  action: 'read' | 'write' | 'use';
  /** The setting, such as `devices`. */
  resource: string;
  /** The account that acts; null where nobody is signed in. */
  subject: (request: Request) => string | null;
  /** The organization whose setting it is. */
  organization: (request: Request) => string;
}

/**
 * Middleware for Express and Nest: lets the request through only while the person may do this, asked at this moment.
 * Whatever goes wrong is a no.
 */
export function requireAccess<Request>(countersign: Countersign, question: AccessQuestion<Request>) {
  return async (request: Request, response: HttpResponse, next: (error?: unknown) => void): Promise<void> => {
    const account = question.subject(request);
    const reasons = account === null ? ['not_authenticated'] : await whyNot(countersign, question, request, account);
    if (reasons === null) return next();
    response.status(account === null ? 401 : 403).json({ title: 'You may not do this now', reasons });
  };
}

/** Null where it is permitted. */
async function whyNot<Request>(
  countersign: Countersign,
  { action, resource, organization }: AccessQuestion<Request>,
  request: Request,
  account: string,
): Promise<string[] | null> {
  try {
    const { decision, context } = await countersign.evaluate({
      body: {
        subject: { type: 'account', id: account },
        action: { name: action },
        resource: { type: 'setting', id: resource, properties: { organizationId: organization(request) } },
      },
    });
    return decision ? null : (context?.reasons ?? []).map(({ id }) => id);
  } catch (error) {
    return [error instanceof CountersignProblem ? error.code : 'unavailable'];
  }
}

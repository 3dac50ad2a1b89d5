import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { largestActivity, Refusal } from '#contracts';
import type { AuthenticatedRequest } from '../authentication/authenticated-request.ts';

/** Comes before the contract: what is too large is told so, whatever else is wrong with it. */
@Injectable()
export class LargestActivityGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const batch = batchOf(body);
    const tooLarge = (batch ?? [body]).flatMap((act, index) =>
      Buffer.byteLength(JSON.stringify(act ?? null)) > largestActivity ? [batch ? `/activities/${index}` : ''] : [],
    );
    if (tooLarge.length === 0) return true;
    throw new Refusal('activity_too_large', {
      largestBytes: largestActivity,
      errors: tooLarge.map((pointer) => ({ pointer, message: `More than ${largestActivity} bytes` })),
    });
  }
}

const batchOf = (body: unknown): unknown[] | null =>
  typeof body === 'object' && body !== null && 'activities' in body && Array.isArray(body.activities)
    ? body.activities
    : null;

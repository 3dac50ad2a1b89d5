import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { inLowerCaseIds, Refusal } from '#contracts';
import type { Directory } from '#decisions';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';

/** The directory that calls; another organization's address is not there for it. */
export const CallingDirectory = createParamDecorator((_: unknown, context: ExecutionContext): Directory => {
  const { directory, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!directory) throw new Refusal('not_authenticated');
  if (inLowerCaseIds(String(params['organizationId'])) !== directory.organizationId) throw new Refusal('not_found');
  return directory;
});

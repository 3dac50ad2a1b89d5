import type { Request } from 'express';
import type { Refusal } from '#contracts';
import type { Directory } from '#decisions';
import type { Principal } from '#identity';
import type { Standing } from '#persistence';

export type AuthenticatedRequest = Request & {
  principal?: Principal;
  /** What the principal was found by, and the answer to what the route asks about. */
  standing?: Standing;
  /** The tenant's directory that calls, where the route is for those. */
  directory?: Directory;
  /** The route is a page: what goes wrong is answered with one. */
  isPage?: boolean;
  /** The form that was sent here and refused, whose own page is read instead. */
  refusedForm?: { refusal: Refusal; action: string };
};

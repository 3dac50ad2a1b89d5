import type { ApprovalParties, ApprovalStatus, Subject } from '#access';
import type { EntityManager } from '#persistence';

/** What a list says of one request, whatever is asked for: on the start page, and where an organization sees its past. */
export interface RequestLine {
  id: string;
  href: string;
  status: ApprovalStatus;
  parties: ApprovalParties;
  requester: { displayName: string };
  /** Null where the organization's own people ask. */
  partnerName: string | null;
  /** What follows the requester's name, the organization, and what follows that: `asks for access to`, `Harbour`, ` for 1 hour`. */
  asks: string;
  about: string;
  terms: string;
  /** What the requester asked for, to themselves. */
  asked: string;
  reason: string;
  createdAt: string;
  decideBy: string;
  /** The state in a word or two, and its colour: what an approval opened may be over long since. */
  badge: { text: string; tone: 'pending' | 'good' | 'bad' | 'over' };
  /** How it went so far, oldest first: asking is the first step. */
  timeline: { text: string; at: string }[];
}

export interface LineQuery {
  organizationId?: string;
  status?: ApprovalStatus;
  limit: number;
}

/** The requests of one flow that the viewer may see, newest first. */
export type Lines = (em: EntityManager, viewer: Subject, query: LineQuery) => Promise<RequestLine[]>;

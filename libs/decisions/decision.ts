import type { Keys } from '#config';
import type { Assurance, Subject } from '#access';
import type { Occurrence, WrittenEvent } from '#audit';
import type { WorkflowType } from '#contracts';
import {
  asSystem,
  type AuditActor,
  type EntityManager,
  type SignInMethod,
  type Standing,
  type TenancyContext,
} from '#persistence';

/** Who decides: a person, a service, the support team, or the clock through a workflow. */
export interface Actor {
  kind: AuditActor['kind'];
  /** Account or API key; null for the clock and the bootstrap support token. */
  id: string | null;
  displayName?: string;
  tenancy: TenancyContext;
  /** The organizations a person's session opens; without a session in between, all they belong to. */
  openOrganizationIds?: readonly string[];
  /** How a person signed in, and how surely and when last they proved who they are. */
  session?: Assurance & { method: SignInMethod };
  sourceAddress?: string | undefined;
  /** What they held when they were authenticated, in their own sight: to look at something by, never to decide by. */
  standing?: Standing | undefined;
  /** The clock's workflow; it knows what it did and needs no nudge about it. */
  workflowId?: string | undefined;
}

/** What happens by time, decided by the workflow of that id or noticed on somebody's way. */
export function theClock(workflowId?: string): Actor {
  return { kind: 'clock', id: null, tenancy: asSystem, workflowId };
}

/** Nobody in particular: who it is, what they bring along tells in the transaction. */
export function aVisitor(sourceAddress: string | undefined): Actor {
  return { kind: 'account', id: null, tenancy: asSystem, sourceAddress };
}

/** What every decision works with: one transaction, the clock of the database, the trail and the workflows. */
export interface Decision {
  em: EntityManager;
  actor: Actor;
  settings: DecisionSettings;
  /** Two named people of the support team stand behind it. */
  isCountersigned?: boolean;
  /** The database's clock; ask after the locks are held. */
  now: () => Promise<Date>;
  /** Writes the audit event of a change at the end of the transaction; `actor` where it only now turned out who acts. */
  record(occurrence: Omit<Occurrence, 'actor'> & { by?: string | undefined; actor?: Actor }): WrittenEvent;
  /**
   * Who acts on the case that was opened, and when, and where it was read, the standing of those who may decide it: the
   * answer is made from what is in hand.
   */
  seenBy: { actor: Subject; now: Date; deciders?: Standing } | null;
  /** Tells the row's workflow, after the commit, that the row changed; what has changed so far is in the database then. */
  nudge(workflowType: WorkflowType, rowId: string): Promise<void>;
}

export interface DecisionSettings {
  minimumDurationSeconds: number;
  /** How often one person may ask one organization within an hour. */
  asksPerHour: number;
  /** Signs invite links. */
  inviteKeys: Keys;
  /** Seals single sign-on client secrets. */
  sealingKeys: Keys;
  /** Whether an unmanaged customer may be attached without its approval (domain 6). */
  attachWithoutApproval: boolean;
  /** Whether addresses that tenants choose may be in private networks. */
  allowPrivateAddresses: boolean;
}

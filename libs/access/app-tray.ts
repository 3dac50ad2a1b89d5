/** Domain 2: the app-tray applications a teammate reaches. */
import { matricesInForce, type Matrices } from './role-matrix.ts';
import type { BotBuilderRole } from './roles.ts';
import { liveMembershipsIn } from './standing.ts';
import type { Subject, TargetOrganization } from './subject.ts';

export interface AppTrayAccess {
  /** `given`: only the applications listed. Event Scheduler has no roles of its own and follows this level. */
  level: 'none' | 'given' | 'read' | 'all';
  /** Listed where the level is `given`. */
  applications: readonly string[];
  botBuilder: readonly BotBuilderRole[];
}

/** A person has one membership per organization, so the first with a workspace role is the one that counts. */
export function appTrayAccess(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): AppTrayAccess {
  const membership = liveMembershipsIn(subject, target.id, now).find(({ workspaceRole }) => workspaceRole !== null);
  if (!membership?.workspaceRole) return { level: 'none', applications: [], botBuilder: [] };
  const { level } = matrices.app_tray.rows.app_tray[membership.workspaceRole];
  const enabled = (id: string) => !target.disabledFeatures.includes(id);
  return {
    level,
    applications: level === 'given' ? membership.appTray.applications.filter(enabled) : [],
    botBuilder: level === 'none' ? [] : membership.appTray.botBuilder.filter(enabled),
  };
}

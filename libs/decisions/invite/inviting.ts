import type { InviteContents, Subject, TargetOrganization } from '#access';
import type { Invite, Organization } from '#persistence';

/** What the rules look at, read once for one invite or for many. */
export interface Inviting {
  organization: Organization;
  target: TargetOrganization;
  subject: Subject;
  now: Date;
}

/** As `InviteContents`, in the shape that is stored. */
export type StoredContents = Pick<Invite, 'administratorRoles' | 'scope' | 'appTray'> &
  Pick<InviteContents, 'workspaceRole'>;

/** Webhooks and channels: who sends what happens in an organization elsewhere. */
import { mayManageApiKeys } from './api-key.ts';
import { access } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { anyRuling, everyRuling, refused, rulingOf } from './ruling.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

const code = 'may_not_manage_webhooks';

/**
 * As with API keys, something stays behind when the person is gone; and what it tells is the audit trail. So both rights
 * are needed: with the first alone, Full access would read by webhook what it may not read on the page.
 */
export function mayManageWebhooks(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const ruling = everyRuling(mayManageApiKeys(subject, target, now, matrices), () =>
    anyRuling(rulingOf(access(subject, target, 'administrator_audit_log', now, matrices), 'read', code), () =>
      rulingOf(access(subject, target, 'workspace.audit_trail', now, matrices), 'use', code),
    ),
  );
  return ruling.allowed ? ruling : refused(code);
}

/** A chat is told who asks for what: less than the trail, and no less for good. */
export function mayManageChannels(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const ruling = mayManageWebhooks(subject, target, now, matrices);
  return ruling.allowed ? ruling : refused('may_not_manage_channels');
}

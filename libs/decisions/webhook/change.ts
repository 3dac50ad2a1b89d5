import type { UpdateWebhook, WebhookView } from '#contracts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { disable, forgetFailures, takeLeaseAway } from './attempts.ts';
import { openWebhook } from './open.ts';
import { viewWebhook, type WebhookReference } from './read.ts';
import { hostOf, requireAllowedUrl } from './url.ts';

/** Enabled again, it goes on where it stopped; a new address gets the event that the old one did not take. */
export async function changeWebhook(
  decision: Decision,
  reference: WebhookReference,
  input: UpdateWebhook,
  precondition?: Precondition,
): Promise<WebhookView> {
  const { em, actor, settings } = decision;
  const { webhook, now, act, record } = await openWebhook(decision, reference, 'webhook.changed', precondition);
  const { url, actions, description, enabled } = input;
  const isNew = {
    url: url !== undefined && url !== webhook.url,
    actions: actions !== undefined && JSON.stringify(actions) !== JSON.stringify(webhook.actions ?? null),
    description: description !== undefined && description !== (webhook.description ?? null),
    enabled: enabled !== undefined && enabled !== webhook.enabled,
  };

  if (isNew.url && url !== undefined) {
    requireAllowedUrl(url, settings, act);
    webhook.url = url;
    webhook.vouchedByAccountId = actor.id;
    forgetFailures(webhook);
    takeLeaseAway(webhook);
  }
  if (isNew.actions) {
    webhook.actions = actions;
    // An event that is being sent under the former patterns is judged by the new ones.
    takeLeaseAway(webhook);
  }
  if (isNew.description) webhook.description = description;
  if (isNew.enabled && enabled) {
    webhook.enabled = true;
    webhook.disabledReason = null;
    webhook.vouchedByAccountId = actor.id;
    forgetFailures(webhook);
  }
  if (isNew.enabled && !enabled) disable(webhook, 'by_hand');

  const fields = Object.entries(isNew).flatMap(([field, changed]) => (changed ? field : []));
  if (fields.length > 0) {
    record({
      facts: { fields, ...(isNew.actions && { actions }), ...(isNew.enabled && { enabled }) },
      host: isNew.url ? hostOf(webhook.url) : undefined,
    });
  }
  await em.flush();
  return viewWebhook(em, webhook, now);
}

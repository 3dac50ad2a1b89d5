export { connect, type Connection, type Countersign } from './connect.ts';
export { everyItem } from './every-item.ts';
export { CountersignProblem } from './countersign-problem.ts';
export { requireAccess, type AccessQuestion } from './require-access.ts';
export { untilDecided, untilEnded, type Patience } from './wait.ts';
export { verifyWebhook, type WebhookEvent } from './verify-webhook.ts';
export type * from './generated/types.gen.ts';

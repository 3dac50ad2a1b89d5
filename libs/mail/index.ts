export {
  grantEndings,
  type GrantEnding,
  type MailKind,
  mailKinds,
  mailVariables,
  type MailVariables,
} from './kinds.ts';
export { type MessageIdParts, messageIdFor } from './message-id.ts';
export { type RenderedMail, renderMail } from './render-mail.ts';
export { sampleMail } from './sample-mail.ts';
export { MailDeliveryError, MailUndeliverableError } from './mail-errors.ts';
export { createMailSender, type MailSender, type MailSenderOptions, type OutgoingMail } from './mail-sender.ts';
export { withoutUnseen, writtenLine, writtenLines } from './written-text.ts';
export { readableDuration, readableInstant } from './readable-time.ts';

export * from './count.ts';
export * from './lost.ts';
export type { MailSight } from './sight.ts';

/** The only entry of the workflow bundle: one workflow per feature, named as in the contracts. */
export { changeRequest } from './change-request/change-request.workflow.ts';
export { elevation } from './elevation/elevation.workflow.ts';
export { helpDeskSession } from './help-desk-session/help-desk-session.workflow.ts';
export { externalAdministrator } from './external-administrator/external-administrator.workflow.ts';
export { invite } from './invite/invite.workflow.ts';
export { inviteBatch } from './invite-batch/invite-batch.workflow.ts';
export { mailDelivery } from './mail-delivery/mail-delivery.workflow.ts';
export { membershipNotice } from './membership/membership-notice.workflow.ts';
export { passwordReset } from './password-reset/password-reset.workflow.ts';

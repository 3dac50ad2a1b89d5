/** The only entry of the workflow bundle: one workflow per feature, named as in the contracts. */
export { elevation } from './elevation/elevation.workflow.ts';
export { invite } from './invite/invite.workflow.ts';

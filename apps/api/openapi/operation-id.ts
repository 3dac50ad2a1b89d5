/**
 * Operation ids are verb and noun, `requestElevation`, and follow from the names of controller and method; they become
 * the function names of generated clients. Whatever does not read well that way is named here.
 */
const named: Readonly<Record<string, string>> = {
  AuditController_export: 'exportAuditEvents',
  ActivitiesController_read: 'getGrantReport',
  ActivitiesController_report: 'reportActivities',
  ApiKeysController_takeOver: 'takeOverApiKey',
  AuditController_checkpoint: 'getAuditCheckpoint',
  AuditController_consistency: 'proveAuditConsistency',
  AuditController_list: 'listAuditEvents',
  AuditController_proof: 'proveAuditEvent',
  AuditController_verify: 'verifyAuditTrail',
  AuditKeysController_keys: 'listAuditKeys',
  BackChannelLogoutController_end: 'logOutBackChannel',
  CustomersController_setUp: 'setUpServices',
  EffectiveAccessController_get: 'getEffectiveAccess',
  EvaluationController_discovery: 'getAuthzenConfiguration',
  EvaluationController_evaluate: 'evaluate',
  EvaluationController_evaluateAll: 'evaluateAll',
  ExternalAdministratorRequestsController_approve: 'approveExternalAdministrator',
  ExternalAdministratorRequestsController_deny: 'denyExternalAdministrator',
  ExternalAdministratorRequestsController_request: 'requestExternalAdministrator',
  HealthController_live: 'checkLiveness',
  HealthController_metrics: 'getMetrics',
  HealthController_ready: 'checkReadiness',
  InviteBatchesController_create: 'createInviteBatch',
  InviteBatchesController_get: 'getInviteBatch',
  MembersController_assignRoles: 'assignAdministratorRoles',
  MembersController_endSessions: 'endMemberSessions',
  MembersController_removeRole: 'removeWorkspaceRole',
  CustomersController_assign: 'assignCustomers',
  PasswordsController_change: 'changePassword',
  PasswordsController_complete: 'resetPassword',
  PasswordsController_request: 'requestPasswordReset',
  RestrictedModeController_get: 'getRestrictedMode',
  RestrictedModeController_switch: 'switchRestrictedMode',
  RoleMatrixController_list: 'getRoleMatrix',
  SessionsController_current: 'getCurrentSession',
  SessionsController_end: 'endCurrentSession',
  SessionsController_endAll: 'endAllSessions',
  SessionsController_me: 'getMe',
  SignInMethodsController_beginApp: 'beginAuthenticatorApp',
  SignInMethodsController_beginPasskey: 'challengePasskeyEnrolment',
  SignInMethodsController_challenge: 'challengePasskeySignIn',
  SignInMethodsController_confirmApp: 'confirmAuthenticatorApp',
  SignInMethodsController_proofChallenge: 'challengeFreshProof',
  SignInMethodsController_prove: 'giveFreshProof',
  SignInMethodsController_removeApp: 'removeAuthenticatorApp',
  SignInMethodsController_renewCodes: 'renewRecoveryCodes',
  SignInMethodsController_secondChallenge: 'challengeSecondFactor',
  SignInMethodsController_secondFactor: 'giveSecondFactor',
  SignInMethodsController_signIn: 'signInByPasskey',
  SingleSignOnController_callback: 'completeSingleSignOn',
  SingleSignOnController_exchange: 'exchangeSessionCode',
  SingleSignOnController_start: 'startSingleSignOn',
  TestProviderController_test: 'testIdentityProvider',
  WebhooksController_rotateSecret: 'rotateWebhookSecret',
};

export function operationId(controller: string, method: string): string {
  const known = named[`${controller}_${method}`];
  if (known) return known;
  const nouns = controller.replace(/Controller$/, '');
  const noun = singular(nouns);
  if (method === 'list') return `list${nouns}`;
  // `createCustomer` of the organizations says its noun itself.
  return /[A-Z]/.test(method) ? method : `${method}${noun}`;
}

function singular(nouns: string): string {
  if (nouns.endsWith('ies')) return `${nouns.slice(0, -3)}y`;
  if (nouns.endsWith('ases') || nouns.endsWith('sses')) return nouns.slice(0, -2);
  return nouns.endsWith('s') ? nouns.slice(0, -1) : nouns;
}

/** What a page says after something was done and the browser was sent on; addresses carry the name, never the words. */
const notices: Readonly<Record<string, string>> = {
  'signed-out': 'You are signed out.',
  'signed-out-everywhere': 'You are signed out everywhere.',
  proven: 'Thank you. You have ten minutes for what asked for it.',
  'name-changed': 'Your new name is saved.',
  'address-asked': 'Two mails are on their way: one to each address. Open the links of both.',
  'address-confirmed': 'Thank you. Your address changes once the link of the other mail is confirmed, too.',
  'address-changed': 'Your address is changed.',
  'factor-enrolled': 'Your authenticator app is set up.',
  'passkey-enrolled': 'Your passkey is set up.',
  'factor-removed': 'It is removed.',
  'sessions-ended': 'The person is signed out of this organization.',
  welcome: 'Welcome. Your account is ready and you are signed in.',
  joined: 'Done: you are a member now.',
  'reset-sent':
    'If there is an account with this address, a mail with a link is on its way. The link works for a short time only.',
  recovered:
    'People of your organization may sign in by password again. Who had none gets a mail, or asks for one by “Forgot your password?”.',
  'password-changed': 'Your new password is set. Sign in with it.',
  asked: 'Your request is on its way to the administrators of the customer.',
  granted: 'Access is granted. It ends by itself.',
  admitted: 'Access is granted. It lasts until an administrator removes it.',
  'admitted-until': 'Access is granted. It ends with the day you chose.',
  'change-made': 'You agreed, and the change is made.',
  'change-denied': 'The change is denied. Nothing changed.',
  denied: 'The request is denied. Nobody got access.',
  revoked: 'The access has ended.',
  renewed: 'Renewed. Both sides are told before the new end.',
  returned: 'You gave the access back. Thank you.',
  cancelled: 'The request is withdrawn.',
  'mails-resent':
    'The mails are being sent again. Open this page once more in a minute to see whether they were taken.',
  'invite-sent': 'The invite is on its way.',
  'invite-resent': 'A new link is on its way; the old one no longer works.',
  'invite-cancelled': 'The invite is withdrawn; its link no longer works.',
  'roles-changed': 'The change is saved.',
  'member-removed': 'The person is no longer a member.',
  'session-ended': 'That session has ended.',
  'session-opened': 'The session is open. The customer can see it.',
  'mode-changed': 'Restricted administrator mode is switched.',
};

export function noticeOf(name: unknown): string | null {
  return typeof name === 'string' && Object.hasOwn(notices, name) ? (notices[name] ?? null) : null;
}

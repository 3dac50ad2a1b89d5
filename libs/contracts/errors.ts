/**
 * The closed list of error codes. One row tells everything about a refusal: the HTTP status, what happened and what
 * the caller can do next. Clients branch on `code`; titles may be reworded.
 */
export const errorCatalogue = {
  // 400
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    next: 'Correct the fields named in `errors` and send it again.',
  },
  duration_above_policy: {
    status: 400,
    title: 'The duration is longer than the policy allows',
    next: 'Ask for at most the number of seconds named in `maximumSeconds`.',
  },
  area_not_grantable: {
    status: 400,
    title: 'A grant does not open all of these areas',
    next: 'Leave out the areas named in `areas`; those of GET /v1/organizations/{id}/effective-access with a temporary level can be granted.',
  },
  areas_beyond_request: {
    status: 400,
    title: 'More areas than were asked for',
    next: 'Grant some of those asked for; whoever needs the ones named in `areas` asks again.',
  },
  duration_below_minimum: {
    status: 400,
    title: 'The duration is shorter than the minimum',
    next: 'Ask for at least the number of seconds named in `minimumSeconds`.',
  },
  term_out_of_bounds: {
    status: 400,
    title: 'Nothing is renewed for as long as that, or into the past',
    next: 'Choose an end after now and at the latest the one named in `latest`; your policy sets how long that may be.',
  },
  partner_required: {
    status: 400,
    title: 'You work for several partners of this customer',
    next: 'Name the partner you act for in `partnerId`.',
  },
  owner_needs_client_scope: {
    status: 400,
    title: 'The Owner role is for the whole tenant only',
    next: 'Use the scope {"kind":"client"} or another role.',
  },
  unknown_setting: { status: 400, title: 'There is no such setting', next: 'Read the ids at /v1/role-matrix.' },
  purpose_required: {
    status: 400,
    title: 'Decrypt access asks for a purpose',
    next: 'Name the purpose: data_protection_officer or debugging.',
  },
  password_not_acceptable: {
    status: 400,
    title: 'This password is not acceptable',
    next: 'Choose another one of 8 to 200 characters; `reason` says what is wrong: too_short, too_long, too_common, too_personal or too_guessable.',
  },
  name_not_acceptable: {
    status: 400,
    title: 'This name could be taken for another, or has characters that nobody sees',
    next: 'Write it in the letters of one script, without invisible characters; `errors` says what is wrong.',
  },
  address_not_acceptable: {
    status: 400,
    title: 'This address is written in a way that could be taken for another',
    next: 'Send the address as its mail server knows it; `errors` says what is wrong.',
  },
  provider_settings_required: {
    status: 400,
    title: 'There is no identity provider to sign in with',
    next: 'Send its settings in `sso`; where an organization is made, allowing `password` will do as well.',
  },
  reason_required: { status: 400, title: 'This act needs a recorded reason', next: 'Send a `reason`.' },
  webhook_url_not_allowed: {
    status: 400,
    title: 'Events are not sent to this address',
    next: 'Use an https address on the public internet, without a user name or password in it.',
  },
  body_too_deep: {
    status: 400,
    title: 'The body is nested too deeply',
    next: 'Nest objects and lists at most as deep as `deepest` says.',
  },
  invalid_cursor: { status: 400, title: 'The cursor is not one of ours', next: 'Start again without a cursor.' },
  // 401
  not_authenticated: {
    status: 401,
    title: 'Sign in first',
    next: 'Send `Authorization: Bearer …` with a session token or an API key that is still valid.',
  },
  session_code_invalid: {
    status: 401,
    title: 'This code has been used, has expired or belongs to another client',
    next: 'Start the single sign-on again.',
  },
  second_factor_required: {
    status: 401,
    title: 'Your password is right; a second proof is needed',
    next: 'Send `step` with one of `secondFactors` to POST /v1/sessions/second-factor.',
  },
  sign_in_step_lost: {
    status: 401,
    title: 'This sign-in was begun too long ago, or has been finished',
    next: 'Sign in from the start.',
  },
  second_factor_wrong: {
    status: 401,
    title: 'This code is wrong or has been used',
    next: 'Send the digits the app shows now, or a recovery code that was not used yet.',
  },
  recovery_code_wrong: {
    status: 401,
    title: 'This recovery code is wrong or has been used',
    next: 'Try another code of your organization; where there is none left, ask the support team.',
  },
  passkey_invalid: {
    status: 401,
    title: 'This passkey was not accepted',
    next: 'Try again with a passkey of your account, or sign in another way.',
  },
  wrong_credentials: { status: 401, title: 'Address or password is wrong', next: 'Try again, or reset the password.' },
  sso_transaction_lost: {
    status: 400,
    title: 'This sign-in was begun in another browser or too long ago',
    next: 'Start the single sign-on again.',
  },
  logout_token_invalid: {
    status: 400,
    title: 'This logout token is not one to obey',
    next: 'Send a token that is signed by the identity provider of the organization, for its client, a moment ago and for the first time.',
  },
  sso_failed: {
    status: 401,
    title: 'Your identity provider did not confirm who you are',
    next: 'Start the single sign-on again; if it stays, tell the administrator of your organization.',
  },
  // 403
  address_not_verified: {
    status: 403,
    title: 'Your address has not been verified',
    next: 'Ask the administrator of your identity provider to verify your e-mail address, or sign in with your main one.',
  },
  may_not_change_aliases: {
    status: 403,
    title: 'You may not change the addresses of this member',
    next: 'Ask an Owner or a full administrator of the organization.',
  },
  may_not_manage_api_keys: {
    status: 403,
    title: 'You may not manage API keys here',
    next: 'Ask an Owner, somebody with Full access or a full administrator of the organization.',
  },
  scope_missing: {
    status: 403,
    title: 'This API key is not for that',
    next: 'Use a key with the scope named in `needed`.',
  },
  network_not_allowed: {
    status: 403,
    title: 'This API key may not be used from this network',
    next: 'Call from one of the networks the key was made for, or ask who made it for another key.',
  },
  not_your_api_key: {
    status: 403,
    title: 'Another person answers for this API key',
    next: 'Take it over first, at …/api-keys/{id}/take-over: from then on you answer for it.',
  },
  may_not_end_sessions: {
    status: 403,
    title: 'You may not sign this member out',
    next: 'Ask an Owner or a full administrator of the organization.',
  },
  may_not_manage_webhooks: {
    status: 403,
    title: 'You may not manage webhooks here',
    next: 'Ask an Owner or a full administrator of the organization.',
  },
  may_not_manage_channels: {
    status: 403,
    title: 'You may not manage channels here',
    next: 'Ask an Owner or a full administrator of the organization.',
  },
  forbidden: {
    status: 403,
    title: 'You may not do this',
    next: 'Ask an administrator of the organization for the right role.',
  },
  person_required: {
    status: 403,
    title: 'Only a person does this, in their own name',
    next: 'Sign in as a person at POST /v1/sessions: an API key or the support token neither asks for access nor decides on it, and touches neither sign-in nor keys.',
  },
  not_help_desk_advanced: {
    status: 403,
    title: 'Only a help-desk Advanced administrator of the partner asks for elevation',
    next: 'Ask a full administrator of your organization for the role help_desk_advanced.',
  },
  not_help_desk: {
    status: 403,
    title: 'Only a help-desk administrator of the partner opens a session',
    next: 'Ask a full administrator of your organization for a help-desk role.',
  },
  no_provisioned_relationship: {
    status: 403,
    title: 'Your organization does not manage this customer',
    next: 'A provisioned relationship with the customer is needed.',
  },
  approver_not_full_administrator: {
    status: 403,
    title: 'Only a full administrator of the customer decides this',
    next: 'Ask one of the full administrators of the customer.',
  },
  approver_is_requester: {
    status: 403,
    title: 'Nobody approves a request of their own',
    next: 'Ask another full administrator of the customer.',
  },
  approver_in_requesting_partner: {
    status: 403,
    title: 'Members of the requesting partner do not approve for it',
    next: 'Ask a full administrator of the customer who is not a member of the partner.',
  },
  two_people_required: {
    status: 403,
    title: 'This takes two named people of the support team',
    next: 'Propose it at /v1/support-actions, where another one confirms it.',
  },
  service_required: {
    status: 403,
    title: 'Only a service tells what was done with an access',
    next: 'Use an API key of the customer, or of the partner whose person holds the access, with the scope access:evaluate.',
  },
  second_person_required: {
    status: 403,
    title: 'Nobody confirms their own proposal',
    next: 'Ask another person of the support team.',
  },
  approver_not_confirmed: {
    status: 403,
    title: 'Administrators whom nobody independent has confirmed do not approve',
    next: 'Ask a full administrator of the organization who owes the office to no partner to confirm you.',
  },
  not_your_request: {
    status: 403,
    title: 'Only the person who asked can do this',
    next: 'Ask the requester, or revoke the grant as an administrator of the customer.',
  },
  restricted_administrator_mode: {
    status: 403,
    title: 'Restricted administrator mode forbids this',
    next: 'Ask your partner to do it, or to switch the mode off.',
  },
  login_method_not_allowed: {
    status: 403,
    title: 'This organization does not allow this way of signing in',
    next: 'Sign in the way the organization allows.',
  },
  no_membership: {
    status: 403,
    title: 'You are not a member of this organization',
    next: 'Ask an Owner or a full administrator of the organization for an invite.',
  },
  member_not_full_administrator: {
    status: 409,
    title: 'This member is no full administrator of the organization',
    next: 'Confirm those who hold the role at home.',
  },
  own_factors_by_single_sign_on: {
    status: 403,
    title: 'You are signed in by the single sign-on of one organization',
    next: 'Your own passkeys, codes and password open every organization of yours: sign in by one of them for this. To prove anew who you are in a single sign-on, sign in there again.',
  },
  single_sign_on_not_enough: {
    status: 403,
    title: 'You belong to other organizations, too, and they would see this change',
    next: 'Sign in by your password or passkey: the single sign-on of one organization changes nothing in others.',
  },
  step_up_required: {
    status: 403,
    title: 'A fresh proof of who you are is needed',
    next: 'Prove it at the address in `at`: `needed` is `recent` for any proof, `second_factor` for more than a password. Then send the request again.',
  },
  own_role: { status: 403, title: 'Nobody changes their own role', next: 'Ask another person with the right.' },
  owner_role_is_fixed: {
    status: 403,
    title: "An Owner's role is changed by the support team only",
    next: 'Ask the support team; it records your reason.',
  },
  identity_of_another: {
    status: 403,
    title: 'The identity provider takes you for somebody with another address',
    next: 'Sign in there with the account that has your address, or ask your administrator to add that address to you.',
  },
  identity_not_linked: {
    status: 403,
    title: 'This sign-in is not connected with your account yet',
    next: 'Open the link in the mail we have just sent you, or sign in the way you did before and begin single sign-on from there.',
  },
  authentication_is_the_tenants_own: {
    status: 403,
    title: 'How people sign in is decided by the organization itself',
    next: 'Ask an Owner or a full administrator of the organization to change it in a session of their own; a partner, an external administrator or an API key can only propose it.',
  },
  support_only: { status: 403, title: 'Only the support team does this', next: 'Ask the support team.' },
  support_never_approves: {
    status: 403,
    title: 'The support team never decides for a customer',
    next: 'A full administrator of the customer decides.',
  },
  csrf_token_invalid: {
    status: 403,
    title: 'This form is too old or came from elsewhere',
    next: 'Open the page again and repeat what you did.',
  },
  feature_disabled: {
    status: 403,
    title: 'This organization does not have the feature',
    next: 'Ask the support team to turn the feature on.',
  },
  external_administrator: {
    status: 403,
    title: 'External administrators do not do this',
    next: 'Ask a full administrator of the organization itself.',
  },
  address_not_confirmed: {
    status: 403,
    title: 'The typed address is not the address of the person who asks',
    next: 'Check with the person, and type the address they really have.',
  },
  consumer_account: {
    status: 403,
    title: 'People of the consumer organization cannot be administrators elsewhere',
    next: 'Ask with an account of an organization.',
  },
  role_not_available: {
    status: 403,
    title: 'This role cannot be given here',
    next: 'Choose one of the roles named in `roles`.',
  },
  inviter_not_entitled: {
    status: 403,
    title: 'The person who invited you may no longer do so',
    next: 'Ask the organization for a new invite.',
  },
  not_full_administrator: {
    status: 403,
    title: 'Only a full administrator does this',
    next: 'Ask a full administrator of the organization.',
  },
  not_involved: {
    status: 404,
    title: 'There is nothing here',
    next: 'Check the id; it may belong to another organization.',
  },
  not_a_partner: {
    status: 409,
    title: 'This organization is not a partner',
    next: 'Name an organization of the kind partner.',
  },
  not_a_customer: {
    status: 409,
    title: 'This organization is not a customer',
    next: 'Name an organization of the kind customer.',
  },
  partner_role_outside_partner: {
    status: 400,
    title: 'Customer-management roles exist in partner organizations only',
    next: 'Leave these roles out.',
  },
  not_partner_level_administrator: {
    status: 403,
    title: 'Only partner-level administrators do this',
    next: 'Ask the partner that manages this organization.',
  },
  not_partner_full_administrator: {
    status: 403,
    title: 'Only a partner full administrator does this',
    next: 'Ask a partner full administrator of your organization.',
  },
  not_partner_administrator: {
    status: 403,
    title: 'Only a partner administrator does this',
    next: 'Ask a partner administrator of your organization.',
  },
  member_not_partner_administrator: {
    status: 409,
    title: 'Customers are assigned to partner administrators only',
    next: 'Give the member the role partner_administrator first.',
  },
  kind_not_created: {
    status: 400,
    title: 'Organizations of this kind are not created',
    next: 'Use partner or customer.',
  },
  invite_without_roles: {
    status: 400,
    title: 'An invite carries a role',
    next: 'Name a workspaceRole or administratorRoles.',
  },
  customer_has_partner: { status: 409, title: 'This customer has a partner: it must approve', next: 'Send a request.' },
  approval_required: {
    status: 409,
    title: 'The customer must approve this',
    next: 'Send a request without attaching.',
  },
  may_not_assign_administrator_roles: {
    status: 403,
    title: 'You may not assign administrator roles here',
    next: 'Ask a full administrator of the organization.',
  },
  may_not_assign_bot_builder: {
    status: 403,
    title: 'You may not assign Bot Builder roles here',
    next: 'Ask an Owner or somebody with Full access.',
  },
  may_not_add_groups: {
    status: 403,
    title: 'Only an Owner adds and deletes groups and teams',
    next: 'Ask an Owner of the organization.',
  },
  may_not_change_login_methods: {
    status: 403,
    title: 'You may not change how people sign in here',
    next: 'Ask an Owner or a full administrator of the organization.',
  },
  may_not_change_name: {
    status: 403,
    title: 'You may not change the name of this organization',
    next: 'Ask a full administrator of the organization.',
  },
  may_not_change_policy: {
    status: 403,
    title: 'You may not change the policy of this organization',
    next: 'Ask an Owner or a full administrator of the organization.',
  },
  may_not_change_roles: {
    status: 403,
    title: 'You may not change roles here',
    next: 'Ask an Owner or somebody with Full access.',
  },
  may_not_create_customers: {
    status: 403,
    title: 'You may not create customers for this partner',
    next: 'Ask a partner full administrator or a partner administrator of your organization.',
  },
  may_not_give_log_decryption: {
    status: 403,
    title: 'You may not give decrypt access here',
    next: 'Ask an Owner of the organization.',
  },
  may_not_give_owner: {
    status: 403,
    title: 'Only an Owner gives the Owner role',
    next: 'Ask an Owner of the organization.',
  },
  may_not_invite_users: {
    status: 403,
    title: 'You may not invite people here',
    next: 'Ask an Owner or somebody with Full access.',
  },
  may_not_remove_users: {
    status: 403,
    title: 'You may not remove people here',
    next: 'Ask an Owner, somebody with Full access or a full administrator of the organization.',
  },
  may_not_touch_owner: {
    status: 403,
    title: 'Only an Owner changes something about an Owner',
    next: 'Ask an Owner of the organization.',
  },
  // 404
  not_found: {
    status: 404,
    title: 'There is nothing here',
    next: 'Check the id; it may belong to another organization.',
  },
  // 409
  area_restricted: {
    status: 409,
    title: 'Nothing of these areas can be granted now',
    next: 'Leave out the areas named in `areas`: restricted administrator mode, or a missing feature, closes them at the customer.',
  },
  no_eligible_approver: {
    status: 409,
    title: 'Nobody at the customer can approve this now',
    next: 'The customer needs a full administrator of its own who is no member of your organization.',
  },
  change_request_required: {
    status: 409,
    title: 'Somebody else has to agree to this change',
    next: 'Nothing was changed. Send what `proposal` shows to `/v1/organizations/{id}/change-requests`, with a reason.',
  },
  change_request_already_open: {
    status: 409,
    title: 'This change is proposed already',
    next: 'Wait for its decision or cancel it.',
  },
  no_longer_possible: {
    status: 409,
    title: 'The change can no longer be made',
    next: 'Read in `state.why` what stands in its way; deny the request, or let it be proposed anew.',
  },
  change_needs_no_approval: {
    status: 409,
    title: 'Nobody has to agree to this change',
    next: 'Make the change itself; it takes effect at once.',
  },
  elevation_already_open: {
    status: 409,
    title: 'You have an open request for this customer already',
    next: 'Wait for its decision or cancel it.',
  },
  elevation_not_pending: {
    status: 409,
    title: 'The request has been decided already',
    next: 'Read its present state in `state`.',
  },
  activity_outside_grant: {
    status: 409,
    title: 'The access was not open at that moment',
    next: 'Tell only of what was done while it was open, give or take five minutes; `state` says from when to when.',
  },
  activity_differs: {
    status: 409,
    title: 'This externalId was told of with another content',
    next: 'Give every act an externalId of its own; what was told once stays as it was told.',
  },
  relationship_without_term: {
    status: 409,
    title: 'This relationship has no term',
    next: 'It lasts as long as the external administrators it stands for: change their end instead.',
  },
  grant_not_active: {
    status: 409,
    title: 'There is no active grant',
    next: 'Read in `state` what became of it; ask again if you still need access.',
  },
  requester_not_entitled: {
    status: 409,
    title: 'The person who asked no longer has the right to the access',
    next: 'Deny the request; they can ask again when they have the role.',
  },
  session_already_open: {
    status: 409,
    title: 'You have an open session with this customer already',
    next: 'Use it, or return it first.',
  },
  invite_not_pending: {
    status: 409,
    title: 'The invite is closed already',
    next: 'Read its present state in `state`; invite again if needed.',
  },
  still_member: {
    status: 409,
    title: 'The person is a member of the organization still',
    next: 'What present members did stays on the record with their names. Have them removed first.',
  },
  already_member: {
    status: 409,
    title: 'This person is a member already',
    next: 'Change the roles of the member instead.',
  },
  invite_open: {
    status: 409,
    title: 'This person has an open invite that gives something else',
    next: 'Read it at `state.inviteId`; cancel it first to invite the person anew.',
  },
  last_owner: {
    status: 409,
    title: 'An organization never loses its last Owner',
    next: 'Make somebody else an Owner first.',
  },
  last_full_administrator: {
    status: 409,
    title: 'An organization never loses its last full administrator',
    next: 'Make somebody else a full administrator first.',
  },
  group_in_use: {
    status: 409,
    title: 'Members or open invites are limited to this group or team',
    next: 'Give them another scope first; `members` and `invites` say how many there are.',
  },
  not_sole_owner: {
    status: 409,
    title: 'Somebody of the organization can mend this',
    next: 'Another Owner removes and invites the person, or the person changes their address themselves; support does it for a sole Owner only.',
  },
  provider_untested: {
    status: 409,
    title: 'Nobody who could undo this has signed in through this provider yet',
    next: 'Test it first: POST /v1/organizations/{id}/sso/test, or the button on the sign-in settings; then send this again within the hour.',
  },
  domain_not_proven: {
    status: 409,
    title: 'The domain is not proven',
    next: 'Add the DNS record that GET /v1/organizations/{id}/domains names, then POST …/domains/{domain}/prove; name servers may need some time.',
  },
  sign_in_not_possible: {
    status: 409,
    title: 'You could not sign in to use this',
    next: 'The customer lets in its own ways of signing in only. Ask it to invite you, or to allow the sign-in of partners.',
  },
  slug_taken: { status: 409, title: 'This slug is taken', next: 'Choose another slug.' },
  authenticator_app_present: {
    status: 409,
    title: 'You have an authenticator app already',
    next: 'Remove it first.',
  },
  passkey_limit_reached: {
    status: 409,
    title: 'You have as many passkeys as one may have',
    next: 'Remove one you no longer need; `maximum` says how many there may be.',
  },
  name_taken: { status: 409, title: 'This name is taken', next: 'Choose another name.' },
  address_taken: { status: 409, title: 'This address belongs to somebody already', next: 'Use another address.' },
  username_taken: { status: 409, title: 'This username is taken', next: 'Choose another username.' },
  account_exists: {
    status: 409,
    title: 'There is an account for this address already',
    next: 'Sign in with it, then accept with the token alone.',
  },
  address_mismatch: {
    status: 403,
    title: 'This invite is for another address',
    next: 'Sign in with the invited address, or ask for an invite to yours.',
  },
  relationship_exists: { status: 409, title: 'This relationship exists already', next: 'Use the existing one.' },
  relationship_ended: { status: 409, title: 'The relationship is over already', next: 'Nothing is left to do.' },
  request_not_pending: {
    status: 409,
    title: 'The request has been decided already',
    next: 'Read its present state in `state`.',
  },
  request_already_open: {
    status: 409,
    title: 'You have an open request for this customer already',
    next: 'Wait for its decision or cancel it.',
  },
  has_access_already: { status: 409, title: 'You have access to this customer already', next: 'Use it.' },
  sso_misconfigured: {
    status: 409,
    title: 'Single sign-on of this organization is not set up correctly',
    next: 'Ask an administrator of the organization to correct the issuer: an https address that this service may reach.',
  },
  api_key_over: {
    status: 409,
    title: 'The API key is revoked, ended or expired',
    next: 'Make a new one.',
  },
  scim_token_over: {
    status: 409,
    title: 'The directory token is revoked',
    next: 'Make a new one.',
  },
  webhook_disabled: {
    status: 409,
    title: 'The webhook is disabled',
    next: 'Enable it first: PATCH it with {"enabled":true}.',
  },
  channel_disabled: {
    status: 409,
    title: 'The channel is disabled',
    next: 'Enable it first: PATCH it with {"enabled":true}.',
  },
  webhook_limit_reached: {
    status: 409,
    title: 'The organization has as many webhooks and channels as it may have',
    next: 'Delete one it no longer needs; `maximum` says how many there may be.',
  },
  webhook_rotated_too_often: {
    status: 409,
    title: 'As many former secrets of the webhook sign as may',
    next: 'Rotate again when the oldest of them signs no longer: `state.until` says when.',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'The first request with this key is still under way',
    next: 'Send it again in a moment.',
  },
  concurrent_change: {
    status: 409,
    title: 'Somebody else changed this at the same moment',
    next: 'Read the present state and try again.',
  },
  // 410
  invite_link_used: { status: 410, title: 'This link has been used', next: 'Sign in.' },
  invite_link_void: { status: 410, title: 'A newer link has been sent', next: 'Use the link of the latest mail.' },
  invite_link_expired: {
    status: 410,
    title: 'This link has expired',
    next: 'Ask the person who invited you to send a new one.',
  },
  invite_link_cancelled: {
    status: 410,
    title: 'This invite has been withdrawn',
    next: 'Ask the organization if you think this is a mistake.',
  },
  address_link_invalid: {
    status: 410,
    title: 'This link has been used, has expired or is for somebody else',
    next: 'Sign in as the person who asked for it, or ask again.',
  },
  sign_in_link_invalid: {
    status: 410,
    title: 'This link has been used or has expired',
    next: 'Sign in once more to get a new one.',
  },
  reset_link_invalid: { status: 410, title: 'This link has been used or has expired', next: 'Ask for a new one.' },
  // 412, 413, 415, 422, 429, 5xx
  version_mismatch: {
    status: 412,
    title: 'This has changed since you read it',
    next: 'Read it again and repeat the change.',
  },
  body_too_large: { status: 413, title: 'The request is too large', next: 'Send less at once.' },
  activity_too_large: {
    status: 413,
    title: 'This is more than an act takes',
    next: 'Tell each act in at most `largestBytes` bytes of JSON.',
  },
  unsupported_media_type: { status: 415, title: 'This content type is not understood', next: 'Send application/json.' },
  idempotency_key_reused: {
    status: 422,
    title: 'This key was used for another request',
    next: 'Use a new Idempotency-Key for a new request.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    next: 'Wait the number of seconds named in Retry-After.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This method is not allowed here',
    next: 'Read /docs for the methods of this address.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    next: 'Try again; if it stays, tell the operator the `instance` of this problem.',
  },
  sso_unavailable: {
    status: 503,
    title: 'The identity provider of this organization cannot be reached',
    next: 'Try again in a moment; if it stays, tell the administrator of your organization.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot answer at the moment',
    next: 'Wait the number of seconds named in Retry-After and send the same request again, with the same Idempotency-Key where it creates something: what was done already is not done twice.',
  },
} as const satisfies Record<string, { status: number; title: string; next: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

/** What a refusal adds to its problem document, such as the present state; never personal data of others. */
export type RefusalDetails = Record<string, unknown>;

/**
 * A rule said no. Thrown by rules' callers and decisions, mapped to problem+json by the API and to a
 * non-retryable ApplicationFailure by the activities.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: ErrorCode,
    readonly details: RefusalDetails = {},
  ) {
    super(code);
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }
}

/** Throws the refusal a rule named; an unknown code counts as plain `forbidden`, never as a yes. */
export function refuse(code: string, details: RefusalDetails = {}): never {
  throw new Refusal(isErrorCode(code) ? code : 'forbidden', isErrorCode(code) ? details : { ...details, rule: code });
}

import { matrix } from './matrix.ts';
import { partnerRoles } from './roles.ts';

/** Domain 4b, partner side: what customer-management roles give in the partner organization itself. */
// prettier-ignore
export const partnerSideMatrix = matrix(partnerRoles, ['none', 'read', 'write'], {
  //                                        full       admin      read-only  basic     advanced
  'partner.assign_administrator_roles':     ['write S', '–',       '–',       '–',      '–'     ],
  'partner.analytics':                      ['write S', 'write I', 'read S',  '–',      '–'     ],
  'partner.branding':                       ['write S', 'write I', 'read S',  '–',      '–'     ],
  'partner.company_policy_and_templates':   ['write S', 'write I', '–',       '–',      '–'     ],
  'partner.create_customers':               ['write S', 'write S', '–',       '–',      '–'     ],
  'partner.trials':                         ['write I', 'write I', '–',       '–',      '–'     ],
  'partner.help_desk_view':                 ['–',       '–',       '–',       'read S', 'read S'],
});

/**
 * Domain 4b, customer side: what the same roles give on a customer with an active provisioned relationship.
 * `temporary` is write while an approved grant lives. Whatever stands in the help-desk columns needs a live help-desk
 * session or grant; a partner administrator's column holds for their own customers only. The derived provisioning
 * administrator has the partner administrator's column.
 */
// prettier-ignore
export const customerSideMatrix = matrix(partnerRoles, ['none', 'read', 'write', 'temporary'], {
  //                                   full       admin      read-only  basic      advanced
  assign_administrator_roles:         ['write S', 'write I', '–',       '–',       '–'          ],
  users_and_licences:                 ['write S', 'read S',  'read S',  'read S',  'temporary S'],
  devices:                            ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  company_policy_and_templates:       ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  analytics_and_reports:              ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  licences_and_upgrades:              ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  organization_settings:              ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  app_integrations:                   ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  site_management:                    ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  administrator_audit_log:            ['write S', 'write S', 'read S',  'read S',  'temporary S'],
  troubleshooting:                    ['write S', 'write S', 'read I',  'write I', 'write I'    ],
  retrieve_logs:                      ['write I', '–',       '–',       'write I', 'write I'    ],
  user_generated_content:             ['–',       '–',       '–',       '–',       '–'          ],
  legal_hold:                         ['–',       '–',       '–',       '–',       '–'          ],
  join_meetings:                      ['–',       '–',       '–',       '–',       '–'          ],
  // Apart from its area: partner-level administrators edit directory synchronization (4d).
  'users.directory_synchronization':  ['write S', 'write S', 'read I',  'read I',  'temporary I'],
});

/** Domain 4b: which of the partner's customers a role lists. */
// prettier-ignore
export const customerListMatrix = matrix(partnerRoles, ['none', 'assigned', 'all'], {
  //                full     admin         read-only basic    advanced
  customer_list:    ['all S', 'assigned S', 'all S',  'all S', 'all S'],
});

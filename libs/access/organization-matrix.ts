import { matrix } from './matrix.ts';
import { organizationRoles } from './roles.ts';

/** Domain 4a: what an administrator role gives in one's own organization, a partner's and a customer's alike. */
// prettier-ignore
export const organizationMatrix = matrix(organizationRoles, ['none', 'read', 'write'], {
  //                             full       read-only  support    user+dev.  device     compliance adv. troubleshooting
  assign_administrator_roles:   ['write S', 'read S',  '–',       '–',       '–',       '–',       '–'      ],
  users_and_licences:           ['write S', 'read S',  '–',       'write S', '–',       '–',       '–'      ],
  devices:                      ['write S', 'read S',  '–',       'write S', 'write S', '–',       '–'      ],
  company_policy_and_templates: ['write S', 'read S',  '–',       '–',       '–',       '–',       '–'      ],
  organization_settings:        ['write S', 'read S',  '–',       '–',       '–',       '–',       '–'      ],
  app_integrations:             ['write S', 'read S',  '–',       '–',       '–',       '–',       '–'      ],
  site_management:              ['write S', 'read S',  '–',       '–',       '–',       '–',       '–'      ],
  administrator_audit_log:      ['write S', 'read S',  '–',       '–',       '–',       '–',       '–'      ],
  analytics_and_reports:        ['write S', 'read S',  'write D', '–',       '–',       '–',       '–'      ],
  troubleshooting:              ['write S', 'read S',  'write D', '–',       '–',       '–',       '–'      ],
  licences_and_upgrades:        ['write S', 'read S',  '–',       'write D', '–',       '–',       '–'      ],
  user_generated_content:       ['none D',  '–',       '–',       '–',       '–',       'write S', '–'      ],
  legal_hold:                   ['none D',  '–',       '–',       '–',       '–',       'write S', '–'      ],
  join_meetings:                ['none D',  '–',       '–',       '–',       '–',       '–',       'write S'],
});

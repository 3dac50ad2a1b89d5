import { matrix } from './matrix.ts';
import { workspaceRoles } from './roles.ts';

/** Domain 2: what a workspace role allows. `workspace.decrypt_logs` is missing: it follows a member's flag, not a role. */
// prettier-ignore
export const workspaceMatrix = matrix(workspaceRoles, ['none', 'use'], {
  //                               Owner     Full      Limited   Read-only Restricted
  'workspace.read':               ['use S',  'use S',  'use I',  'use S',  '–'     ],
  'workspace.change':             ['use S',  'use S',  'use I',  'none S', '–'     ],
  'workspace.invite_users':       ['use S',  'use S',  'none S', 'none S', '–'     ],
  'workspace.change_roles':       ['use S',  'use I',  '–',      '–',      '–'     ],
  'workspace.give_owner':         ['use S',  'none S', 'none S', 'none S', 'none S'],
  'workspace.delete_services':    ['use S',  'use I',  'none S', 'none S', '–'     ],
  'workspace.assign_bot_builder': ['use S',  'use S',  '–',      '–',      '–'     ],
  'workspace.export_logs':        ['use S',  'none S', 'none S', '–',      'none S'],
  'workspace.audit_trail':        ['use S',  'none S', 'none S', '–',      'none S'],
  'workspace.add_groups':         ['use S',  'none S', 'none S', '–',      'none S'],
  'workspace.sso':                ['use S',  'none S', 'none S', '–',      'none S'],
  'workspace.tenant_settings':    ['use S',  'none S', 'none S', '–',      'none S'],
  'workspace.profile_key':        ['use S',  'none S', 'none S', '–',      'none S'],
  'workspace.decrypt_access':     ['use S',  'none S', 'none S', '–',      'none S'],
});

/** Domain 2: which app-tray applications a workspace role reaches; `given` means the ones listed for the member. */
// prettier-ignore
export const appTrayMatrix = matrix(workspaceRoles, ['none', 'given', 'read', 'all'], {
  //             Owner    Full     Limited  Read-only Restricted
  app_tray:      ['all I', 'all I', 'all I', 'read I', 'given S'],
});

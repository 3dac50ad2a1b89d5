/**
 * Dependencies point one way: access ← contracts ← workflows, persistence ← decisions ← activities ← apps.
 * Each room lists the rooms it may import; everything else is refused.
 */
const mayImport = {
  'libs/access': [],
  'libs/contracts': ['libs/access'],
  'libs/config': ['libs/contracts'],
  'libs/outbound': [],
  'libs/temporal': ['libs/contracts', 'libs/config'],
  'libs/mail': ['libs/contracts', 'libs/config'],
  'libs/persistence': ['libs/access', 'libs/contracts', 'libs/config'],
  'libs/audit': ['libs/access', 'libs/contracts', 'libs/persistence', 'libs/outbound'],
  'libs/identity': ['libs/access', 'libs/contracts', 'libs/config', 'libs/persistence', 'libs/audit', 'libs/outbound'],
  'libs/decisions': [
    'libs/access',
    'libs/contracts',
    'libs/config',
    'libs/persistence',
    'libs/audit',
    'libs/identity',
    'libs/outbound',
  ],
  'libs/local-stack': ['libs/config'],
  activities: [
    'libs/access',
    'libs/contracts',
    'libs/config',
    'libs/persistence',
    'libs/audit',
    'libs/identity',
    'libs/decisions',
    'libs/mail',
    'libs/temporal',
  ],
  workflows: ['libs/contracts', 'libs/access'],
  'apps/composition': [
    'libs/access',
    'libs/contracts',
    'libs/config',
    'libs/persistence',
    'libs/decisions',
    'libs/temporal',
  ],
  'apps/api': [
    'apps/composition',
    'libs/access',
    'libs/contracts',
    'libs/config',
    'libs/persistence',
    'libs/audit',
    'libs/identity',
    'libs/decisions',
    'libs/mail',
    'libs/temporal',
    'libs/outbound',
  ],
  'apps/worker': [
    'apps/composition',
    'activities',
    'workflows',
    'libs/contracts',
    'libs/config',
    'libs/persistence',
    'libs/audit',
    'libs/identity',
    'libs/decisions',
    'libs/mail',
    'libs/temporal',
  ],
  'apps/cli': [
    'apps/composition',
    'apps/api',
    'apps/worker',
    'libs/contracts',
    'libs/config',
    'libs/persistence',
    'libs/audit',
    'libs/local-stack',
    'libs/temporal',
    'packages/client',
  ],
};

const tests = '\\.spec\\.ts$|^test/';

export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...Object.entries(mayImport).map(([room, allowed]) => ({
      name: `${room.replace('/', '-')}-imports`,
      comment: `${room} may import ${allowed.join(', ') || 'nothing'} of the project`,
      severity: 'error',
      from: { path: `^${room}/`, pathNot: tests },
      to: {
        path: '^(apps|workflows|activities|libs|test)/',
        pathNot: [`^${room}/`, ...allowed.map((other) => `^${other}/`)],
        // A workflow knows the types of its activities, never their code.
        ...(room === 'workflows' && { dependencyTypesNot: ['type-only'] }),
      },
    })),
    {
      name: 'access-imports-nothing',
      severity: 'error',
      from: { path: '^libs/access/', pathNot: tests },
      to: { pathNot: '^libs/access/' },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Workflow code runs in a sandbox: the Temporal SDK, contracts and rules are all it may load',
      severity: 'error',
      from: { path: '^workflows/', pathNot: tests },
      to: {
        pathNot: [
          '^workflows/',
          '^libs/(contracts|access)/',
          '^activities/',
          'node_modules/@temporalio/(workflow|common)/',
          'node_modules/zod/',
        ],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.countersign)/' },
  },
};

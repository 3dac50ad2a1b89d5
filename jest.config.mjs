/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  testMatch: ['<rootDir>/{apps,workflows,activities,libs,test}/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.countersign/'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // The tests wait for servers more than they compute.
  maxWorkers: 2,
  // ES modules of a finished file are never freed; a process that holds too many of them makes room for a fresh one.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
};

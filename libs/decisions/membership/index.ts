export * from './assign-administrator-roles.ts';
export * from './open-member.ts';
export * from './read.ts';
export * from './view.ts';

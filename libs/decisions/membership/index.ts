export * from './assign-administrator-roles.ts';
export * from './change.ts';
export * from './open-member.ts';
export * from './read-choices.ts';
export * from './read.ts';
export * from './remove.ts';
export * from './tell-member.ts';
export * from './view.ts';

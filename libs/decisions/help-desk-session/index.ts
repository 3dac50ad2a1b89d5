export { helpDeskSessionFlow } from './flow.ts';
export * from './open.ts';
export * from './read.ts';

export { changeRequestFlow } from './flow.ts';
export * from './propose.ts';
export * from './view.ts';

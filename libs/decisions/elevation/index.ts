export { earlierElevations, type EarlierRequests } from './earlier.ts';
export { elevationFlow } from './flow.ts';
export * from './request.ts';
export * from './view.ts';

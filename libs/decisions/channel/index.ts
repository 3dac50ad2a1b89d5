export * from './change.ts';
export * from './create.ts';
export * from './delete.ts';
export { listChannels, readChannel, type ChannelReference } from './read.ts';
export * from './test.ts';

export { keysVouchedFor, linkKeys, firstKey, type KeyLink, type KeyRing } from './key-ring.ts';
export * from './keep-key-ring.ts';
export * from './read-key-ring.ts';

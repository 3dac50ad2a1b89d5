export { joinPayloadKeys, UnknownPayloadKeyError } from './join.ts';
export { reseal, type Resealed } from './reseal.ts';
export { isSealing, retireFormerKeys, type FormerKey } from './retire.ts';

export { changeSignalStream, replaceSignalStream, setSignalStreamStatus } from './change.ts';
export { createSignalStream } from './create.ts';
export { deleteSignalStream } from './delete.ts';
export { publishedSignalKeys, signalAlgorithm, signingSignalKey } from './keys.ts';
export {
  audienceOf,
  issuerOf,
  listSignalStreams,
  readSignalStream,
  viewSignalStatus,
  viewSignalStream,
} from './read.ts';
export { verifySignalStream } from './verify.ts';

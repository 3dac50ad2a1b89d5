export * from './client.ts';
export { dataConverter } from './data-converter.ts';
export { EncryptionCodec } from './payload-codec.ts';

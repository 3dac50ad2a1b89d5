export * from './client.ts';
export { dataConverter, failureConverterPath } from './data-converter.ts';
export { EncryptionCodec } from './payload-codec.ts';

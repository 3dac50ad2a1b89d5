/** The code of a system error, such as `ENOENT`. Told by its shape, for an error may come from another realm than this module. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

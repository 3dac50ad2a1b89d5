/** Tokens are opaque to clients: where the page before ended. */
export const pageToken = (...parts: string[]): string => Buffer.from(parts.join(' ')).toString('base64url');

export const positionIn = (token = ''): [string, string] => {
  const [first = '', second = ''] = Buffer.from(token, 'base64url').toString().toLowerCase().split(' ');
  return [first, second];
};

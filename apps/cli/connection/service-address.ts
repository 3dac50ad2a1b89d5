import { readCredentials } from './credentials.ts';

const laptop = 'http://localhost:3000';

export interface ServiceAddress {
  /** Without a slash at the end. */
  url: string;
  /** Undefined where nobody has logged in there. */
  token: string | undefined;
}

/**
 * Where to ask, and as whom: the option, else COUNTERSIGN_URL, else where somebody logged in last, else this machine. The
 * token comes from COUNTERSIGN_TOKEN or from `login`, never from the command line, which everybody on the machine can see.
 */
export async function serviceAddress(option?: string): Promise<ServiceAddress> {
  const credentials = await readCredentials();
  const url = (option ?? process.env['COUNTERSIGN_URL'] ?? credentials.current ?? laptop).replace(/\/+$/, '');
  return { url, token: process.env['COUNTERSIGN_TOKEN'] ?? credentials.tokens[url] };
}

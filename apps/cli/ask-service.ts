import { NotLoggedIn } from './cli-errors.ts';
import { serviceAddress } from './connection/service-address.ts';

/**
 * One answer of a running service as text, byte for byte: what is signed must not pass through a parser.
 * @throws Error with the service's own words where it refuses
 */
export async function askService(option: string | undefined, path: string): Promise<string> {
  const { url, token } = await serviceAddress(option);
  if (!token) throw new NotLoggedIn(url);
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

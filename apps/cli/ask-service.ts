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

/**
 * Sends something to a running service, for its answer.
 * @throws CountersignProblem where it refuses
 */
export async function sendToService<Answer>(option: string | undefined, path: string, body: object): Promise<Answer> {
  const { url, token } = await serviceAddress(option);
  if (!token) throw new NotLoggedIn(url);
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.ok) return answer as Answer;
  const { CountersignProblem } = await import('@countersign/client');
  throw new CountersignProblem(answer, response);
}

/**
 * One answer of a running service as text. The token comes from COUNTERSIGN_TOKEN: what stands on a command line is seen by
 * everybody on the machine.
 * @throws Error with the service's own words where it refuses
 */
export async function askService(url: string, path: string): Promise<string> {
  const token = process.env['COUNTERSIGN_TOKEN'];
  if (!token) throw new Error('Name a session token or API key in COUNTERSIGN_TOKEN');
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

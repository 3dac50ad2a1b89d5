import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { inviteBatch, problem, type InviteBatchView } from '#contracts';

export interface InvitesImport {
  baseUrl: string;
  /** Session token or API key. */
  token: string;
  organizationId: string;
  /** Path of a CSV file. */
  file: string;
  out: { write(text: string): unknown; isTTY?: boolean };
}

const everyMilliseconds = 500;
const barWidth = 30;

/**
 * Uploads the file and shows how it goes until everybody is invited. Interrupting it stops only the showing: the
 * service goes on. Bad rows are listed at the end. @throws where the service refuses the file as a whole
 */
export async function importInvites({ baseUrl, token, organizationId, file, out }: InvitesImport): Promise<void> {
  const invites = `${baseUrl.replace(/\/$/, '')}/v1/organizations/${organizationId}/invites`;
  const authorization = `Bearer ${token}`;
  let batch = await ask(`${invites}/batch`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'text/csv' },
    body: await readFile(file, 'utf8'),
  });
  for (;;) {
    if (out.isTTY) out.write(`\r${bar(batch)}`);
    if (batch.status === 'finished') break;
    await sleep(everyMilliseconds);
    batch = await ask(`${invites}/batches/${batch.id}`, { headers: { authorization } });
  }
  out.write(`${out.isTTY ? '\n' : ''}${summary(batch)}\n`);
  for (const { row, line, email, message } of batch.rows)
    out.write(`Row ${row}${line === null ? '' : ` (line ${line})`}${email ? `, ${email}` : ''}: ${message}\n`);
}

async function ask(url: string, request: RequestInit): Promise<InviteBatchView> {
  const response = await fetch(url, request);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return inviteBatch.parse(body);
  const refused = problem.safeParse(body);
  if (!refused.success) throw new Error(`The service answered ${response.status}`);
  const { title, next, errors = [] } = refused.data;
  throw new Error([title, ...errors.map(({ message }) => message), next].join('\n'));
}

function bar({ done, total }: InviteBatchView): string {
  const filled = total === 0 ? barWidth : Math.floor((done / total) * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${done} of ${total}`;
}

const summary = ({ total, invited, alreadyInvited, members, failed }: InviteBatchView): string =>
  `${total} rows: ${invited} invited, ${alreadyInvited} invited before, ${members} members already, ${failed} not possible`;

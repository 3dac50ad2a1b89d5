import { asSealer, type Database } from '#persistence';
import { readChainEnd } from '../read-chain.ts';
import { parseCheckpoint } from '../tree/checkpoint.ts';
import { readConsistencyProof } from '../tree/prove.ts';
import { cosignedAt, parseSignatureLine, type NamedKey } from '../tree/signed-note.ts';
import { formatAddCheckpoint } from './witness.ts';

/** A witness the service brings its checkpoints to. */
export interface KnownWitness {
  /** Where `add-checkpoint` is, without that. */
  url: string;
  key: NamedKey;
}

/** What came of asking: `refused` is what an operator must hear of. */
export type WitnessReply = 'countersigned' | 'refused' | 'unreachable';

const longestAnswer = 64 * 1024;

/** The organizations with something signed that the witness has not countersigned yet, the longest waiting first. */
export async function unwitnessed(database: Database, { key }: KnownWitness, limit: number): Promise<string[]> {
  const rows = await database.transaction(asSealer, (em) =>
    em.execute<{ id: string }[]>(
      `select checkpoint.organization_id as id
       from audit_checkpoint as checkpoint left join audit_cosignature as cosigned
         on cosigned.organization_id = checkpoint.organization_id and cosigned.witness = ?
       where checkpoint.note is not null and coalesce(cosigned.size, 0) < checkpoint.position
       order by checkpoint.at limit ?`,
      [key.name, limit],
    ),
  );
  return rows.map(({ id }) => id);
}

/**
 * Brings the latest checkpoint of an organization to a witness (C2SP tlog-witness) and keeps the countersignature. The
 * witness may remember another size than the service does; then it is asked once more from there.
 */
export async function askWitness(
  database: Database,
  { url, key }: KnownWitness,
  organizationId: string,
  signal: AbortSignal,
): Promise<WitnessReply> {
  const read = await database.transaction(asSealer, async (em) => {
    const [kept] = await em.execute<{ size: number }[]>(
      'select size from audit_cosignature where organization_id = ? and witness = ?',
      [organizationId, key.name],
    );
    return { end: await readChainEnd(em, organizationId), size: kept?.size ?? 0 };
  });
  const note = read.end.checkpoint && 'note' in read.end.checkpoint ? read.end.checkpoint.note : null;
  const size = parseCheckpoint(note ?? '')?.size ?? 0;
  if (note === null) return 'unreachable';

  const bring = async (oldSize: number) => {
    const proof = await database.transaction(asSealer, (em) => readConsistencyProof(em, organizationId, oldSize, size));
    const body = formatAddCheckpoint(oldSize, proof, note);
    return fetch(`${url}/add-checkpoint`, { method: 'POST', body, signal, redirect: 'error' });
  };
  let response = await bring(read.size);
  if (response.status === 409) {
    const remembered = Number((await response.text()).trim());
    if (!Number.isSafeInteger(remembered) || remembered < 0 || remembered > size) return 'refused';
    response = await bring(remembered);
  }
  if (response.status >= 500 || response.status === 429) return 'unreachable';
  if (response.status !== 200) return 'refused';
  const answer = (await response.text()).slice(0, longestAnswer);
  const lines = answer.split('\n').filter((line) => parseSignatureLine(line)?.name === key.name);
  const cosigned = parseCheckpoint(`${note}${lines.map((line) => `${line}\n`).join('')}`);
  const at = cosigned && cosignedAt(cosigned.note, key);
  if (at === null) return 'refused';
  await database.transaction(asSealer, (em) =>
    em.execute(
      `insert into audit_cosignature (organization_id, witness, size, note, at) values (?, ?, ?, ?, ?)
       on conflict (organization_id, witness) do update set size = excluded.size, note = excluded.note, at = excluded.at
         where audit_cosignature.size <= excluded.size`,
      [organizationId, key.name, size, `${note}${lines.map((line) => `${line}\n`).join('')}`, new Date(at * 1000)],
    ),
  );
  return 'countersigned';
}

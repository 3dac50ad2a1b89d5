import { open, readFile } from 'node:fs/promises';
import { faults, parseCheckpoint, parseWitnessState, verifyExport, type Earlier, type KeyRing } from '#audit';
import { linesOf } from './lines-of.ts';

interface Trust {
  publicKey?: string | undefined;
  keyRing?: KeyRing | undefined;
}

const longestBeginning = 64 * 1024;

/**
 * What was kept of a trail: an older export, a checkpoint as the service gives it, or the state of a witness.
 * @param newer the export it will be compared with: a witness's state tells of many logs
 */
export async function readEarlier(file: string, newer: string, trust: Trust): Promise<Earlier> {
  const beginning = await beginningOf(file);
  const checkpoint = parseCheckpoint(beginning);
  if (checkpoint) return { head: checkpoint };
  if (/^\s*\{\s*"format"\s*:\s*"countersign-witness/.test(beginning)) {
    const notes = Object.values(parseWitnessState(await readFile(file, 'utf8')) ?? {});
    const organizationId = await organizationOf(newer);
    const head = notes.map(parseCheckpoint).find((one) => one?.origin.endsWith(`/audit/${organizationId}`));
    if (!head) throw new Error(`${file} knows nothing of the trail of ${organizationId}`);
    return { head };
  }
  const { valid, firstInvalid } = await verifyExport(linesOf(file), trust);
  if (!valid) throw new Error(`${file} is itself not valid: ${firstInvalid ? faults[firstInvalid.why] : ''}`);
  return { lines: linesOf(file) };
}

async function beginningOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestBeginning), 0, longestBeginning, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

async function organizationOf(file: string): Promise<string> {
  for await (const line of linesOf(file)) return String(JSON.parse(line).organizationId);
  throw new Error(`${file} is empty`);
}

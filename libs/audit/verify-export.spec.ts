import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { assert as assertProperty, asyncProperty, boolean, constantFrom, integer, uniqueArray } from 'fast-check';
import { chainHash, genesisHash, type ChainedEvent } from './chain.ts';
import { chainExportFormat, formatLine } from './export-format.ts';
import { personalDigest } from './personal-digest.ts';
import { signCheckpoint, signingKeyFrom } from './signing.ts';
import { verifyExport } from './verify-export.ts';

const organizationId = '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e';
const otherOrganizationId = '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5f';
const key = signingKeyFrom(Buffer.alloc(32, 7));
const at = '2026-11-22T09:30:00.000Z';

function eventAt(position: number, previousHash: string, change: Partial<ChainedEvent> = {}): ChainedEvent {
  const salt = `salt-${position}`;
  const personal = { reason: `Reason ${position}\u2028 of Zoë`, names: { agent: 'Zoë' } };
  const event = {
    position,
    previousHash,
    id: `event-${position}`,
    action: 'elevation.approved',
    actor: { kind: 'account' as const, id: 'agent', by: 'full_administrator' },
    organizationIds: [organizationId, otherOrganizationId],
    subject: { kind: 'elevation', id: `elevation-${position}` },
    outcome: 'success',
    facts: { seconds: 3600 + position, nested: { b: [1, null], a: 'ü' } },
    personalDigest: personalDigest(salt, personal),
    grantId: null,
    at,
    personal,
    salt,
    ...change,
  };
  return { ...event, hash: chainHash(previousHash, { organizationId, position }, event) };
}

function chainOf(length: number, previousHash = genesisHash, first = 1): ChainedEvent[] {
  const events: ChainedEvent[] = [];
  for (let position = first; position < first + length; position += 1) {
    events.push(eventAt(position, events.at(-1)?.hash ?? previousHash));
  }
  return events;
}

function checkpointOf(events: readonly ChainedEvent[], signer = key) {
  const last = events.at(-1);
  return last ? signCheckpoint(signer, { organizationId, position: last.position, hash: last.hash, at }) : null;
}

/** The lines of an export: those events, closed by the checkpoint of the genuine ones. */
function linesOf(
  events: readonly object[],
  checkpoint: ReturnType<typeof checkpointOf>,
  count = events.length,
): string[] {
  const header = {
    type: 'header',
    format: chainExportFormat,
    organizationId,
    publicKey: key.publicKey,
    exportedAt: at,
  } as const;
  return [
    formatLine(header),
    ...events.map((event) => `${JSON.stringify({ type: 'event', ...event })}\n`),
    formatLine({ type: 'trailer', count, checkpoint }),
  ];
}

const genuine = chainOf(12);
const checkpoint = checkpointOf(genuine);
const trusted = { publicKey: key.publicKey };
const place = integer({ min: 1, max: genuine.length });
const eventWith = (position: number): ChainedEvent => {
  const event = genuine[position - 1];
  if (!event) throw new RangeError(`No event ${position}`);
  return event;
};
const verifyEvents = (events: readonly object[]) => verifyExport(linesOf(events, checkpoint), trusted);

describe('verifying an export', () => {
  it('finds an untouched trail valid and tells the signed head', async () => {
    expect(await verifyEvents(genuine)).toEqual({
      valid: true,
      events: 12,
      checkpoint: { position: 12, hash: eventWith(12).hash, at },
    });
  });

  it('finds the trail of an organization without events valid', async () => {
    expect(await verifyExport(linesOf([], null), trusted)).toEqual({ valid: true, events: 0, checkpoint: null });
  });

  it('reads lines that came through a streaming reader', async () => {
    expect(
      await verifyExport(Readable.from(linesOf(genuine, checkpoint).map((line) => line.trimEnd())), trusted),
    ).toMatchObject({ valid: true, events: 12 });
  });

  it('keeps every event on one line, whatever separators its words contain', () => {
    const event = { type: 'event' as const, ...eventWith(1) };
    const line = formatLine(event);
    expect(line.trimEnd().split(/\r\n|[\n\r\u2028\u2029]/)).toHaveLength(1);
    expect(JSON.parse(line)).toEqual(event);
  });

  it('finds a trail valid whose personal parts were erased', async () => {
    await assertProperty(
      asyncProperty(uniqueArray(place), async (erased) => {
        const events = genuine.map((event) =>
          erased.includes(event.position) ? { ...event, personal: null, salt: null } : event,
        );
        expect(await verifyEvents(events)).toMatchObject({ valid: true, events: 12 });
      }),
      { numRuns: 50 },
    );
  });

  const changes: Record<string, (event: ChainedEvent) => object> = {
    action: () => ({ action: 'elevation.denied' }),
    actor: ({ actor }) => ({ actor: { ...actor, id: 'somebody' } }),
    'role of the actor': ({ actor }) => ({ actor: { kind: actor.kind, id: actor.id } }),
    organizations: () => ({ organizationIds: [organizationId] }),
    'order of the organizations': ({ organizationIds }) => ({ organizationIds: organizationIds.toReversed() }),
    subject: ({ subject }) => ({ subject: { ...subject, id: 'another' } }),
    outcome: () => ({ outcome: 'refused' }),
    'a fact': ({ facts }) => ({ facts: { ...facts, seconds: 1 } }),
    'a further fact': ({ facts }) => ({ facts: { ...facts, more: null } }),
    digest: () => ({ personalDigest: personalDigest('other', {}) }),
    grant: () => ({ grantId: 'grant' }),
    time: () => ({ at: '2026-11-22T09:30:00.001Z' }),
    id: () => ({ id: 'event-x' }),
    position: ({ position }) => ({ position: position + 3 }),
    'previous hash': () => ({ previousHash: personalDigest('any', {}) }),
    hash: () => ({ hash: personalDigest('any', {}) }),
  };

  it.each(Object.keys(changes))('names the event whose content was changed: %s', async (name) => {
    await assertProperty(
      asyncProperty(place, async (changed) => {
        const events = genuine.map((event) =>
          event.position === changed ? { ...event, ...changes[name]?.(event) } : event,
        );
        const { valid, firstInvalid } = await verifyEvents(events);
        expect({ valid, position: firstInvalid?.position, why: firstInvalid?.why }).toEqual({
          valid: false,
          position: changed,
          why: 'changed',
        });
      }),
      { numRuns: 15 },
    );
  });

  it('names the event that was changed and given a fitting hash', async () => {
    await assertProperty(
      asyncProperty(place, async (changed) => {
        const forged = eventAt(changed, eventWith(changed).previousHash, { outcome: 'refused' });
        const { valid, firstInvalid } = await verifyEvents(genuine.with(changed - 1, forged));
        // The last event has no successor; there the checkpoint contradicts.
        const why = changed === genuine.length ? 'checkpoint_mismatch' : 'replaced';
        expect({ valid, firstInvalid }).toEqual({
          valid: false,
          firstInvalid: { position: changed, id: `event-${changed}`, why },
        });
      }),
    );
  });

  it('names the event that was given another predecessor and a fitting hash', async () => {
    await assertProperty(
      asyncProperty(place, async (changed) => {
        const forged = eventAt(changed, personalDigest('any', {}));
        const { firstInvalid } = await verifyEvents(genuine.with(changed - 1, forged));
        expect(firstInvalid).toEqual({ position: changed, id: `event-${changed}`, why: 'changed' });
      }),
    );
  });

  it('sees that everything from one event on was rewritten, at the signed head', async () => {
    await assertProperty(
      asyncProperty(place, async (from) => {
        const forged = eventAt(from, eventWith(from).previousHash, { outcome: 'refused' });
        const rest = chainOf(genuine.length - from, forged.hash, from + 1);
        const { valid, firstInvalid } = await verifyEvents([...genuine.slice(0, from - 1), forged, ...rest]);
        expect({ valid, position: firstInvalid?.position, why: firstInvalid?.why }).toEqual({
          valid: false,
          position: genuine.length,
          why: 'checkpoint_mismatch',
        });
      }),
    );
  });

  it('names the personal part that was changed', async () => {
    const changed: ((event: ChainedEvent) => object)[] = [
      () => ({ personal: { reason: 'Another reason' } }),
      () => ({ salt: 'another' }),
      () => ({ salt: null }),
      () => ({ personal: null }),
    ];
    await assertProperty(
      asyncProperty(place, constantFrom(...changed), async (position, change) => {
        const event = eventWith(position);
        const { firstInvalid } = await verifyEvents(genuine.with(position - 1, { ...event, ...change(event) }));
        expect(firstInvalid).toEqual({ position, id: event.id, why: 'personal_data_changed' });
      }),
    );
  });

  it('names the place of a removed event, the last one included', async () => {
    await assertProperty(
      asyncProperty(place, async (removed) => {
        const { valid, firstInvalid } = await verifyEvents(genuine.filter(({ position }) => position !== removed));
        expect({ valid, firstInvalid }).toEqual({ valid: false, firstInvalid: { position: removed, why: 'missing' } });
      }),
    );
  });

  it('names the first place after a cut tail', async () => {
    await assertProperty(
      asyncProperty(integer({ min: 0, max: genuine.length - 1 }), boolean(), async (kept, withTrailer) => {
        const lines = linesOf(genuine.slice(0, kept), checkpoint);
        const { valid, firstInvalid } = await verifyExport(withTrailer ? lines : lines.slice(0, -1), trusted);
        expect({ valid, firstInvalid }).toEqual({
          valid: false,
          firstInvalid: { position: kept + 1, why: withTrailer ? 'missing' : 'cut_off' },
        });
      }),
    );
  });

  it('names the line the file breaks off in', async () => {
    const text = linesOf(genuine, checkpoint).slice(0, 6).join('').slice(0, -20);
    const { firstInvalid } = await verifyExport(text.split('\n'), trusted);
    expect(firstInvalid).toEqual({ position: 5, why: 'unreadable' });
  });

  it('names the first place of two that were swapped', async () => {
    await assertProperty(
      asyncProperty(uniqueArray(place, { minLength: 2, maxLength: 2 }), async (positions) => {
        const [first = 0, second = 0] = positions.toSorted((left, right) => left - right);
        const swapped = genuine.with(first - 1, eventWith(second)).with(second - 1, eventWith(first));
        const { firstInvalid } = await verifyEvents(swapped);
        expect(firstInvalid).toEqual({ position: first, id: `event-${second}`, why: 'out_of_order' });
      }),
    );
  });

  it('names the place of an event that was copied to elsewhere', async () => {
    await assertProperty(
      asyncProperty(place, place, async (copied, after) => {
        const { firstInvalid } = await verifyEvents(genuine.toSpliced(after, 0, eventWith(copied)));
        // A copy right before the original stands at its place; the original is then the one too many.
        const position = copied === after + 1 ? after + 2 : after + 1;
        expect(firstInvalid).toMatchObject({ position, id: `event-${copied}` });
      }),
    );
  });

  it('names a forged event with a fitting hash that was slipped in', async () => {
    await assertProperty(
      asyncProperty(integer({ min: 0, max: genuine.length - 1 }), async (after) => {
        const previous = after === 0 ? genesisHash : eventWith(after).hash;
        const forged = eventAt(after + 1, previous, { id: 'forged' });
        const { firstInvalid } = await verifyEvents(genuine.toSpliced(after, 0, forged));
        expect(firstInvalid).toEqual({ position: after + 1, id: 'forged', why: 'inserted' });
      }),
    );
  });

  it('names a forged event that was added at the end', async () => {
    const forged = eventAt(13, eventWith(12).hash);
    const { firstInvalid } = await verifyEvents([...genuine, forged]);
    expect(firstInvalid).toEqual({ position: 13, why: 'not_covered' });
    const behindTrailer = [...linesOf(genuine, checkpoint), `${JSON.stringify({ type: 'event', ...forged })}\n`];
    expect((await verifyExport(behindTrailer, trusted)).firstInvalid).toEqual({ position: 13, why: 'not_covered' });
  });

  it('names text that is no event, and an event with a member nobody vouches for', async () => {
    await assertProperty(
      asyncProperty(place, constantFrom<object>({ note: 'not sealed' }, { position: 'x' }), async (position, more) => {
        const { firstInvalid } = await verifyEvents(
          genuine.map((event) => (event.position === position ? { ...event, ...more } : event)),
        );
        expect(firstInvalid).toEqual({ position, why: 'unreadable' });
      }),
      { numRuns: 30 },
    );
  });
});

describe('the signed checkpoint of an export', () => {
  const rewritten = chainOf(5);
  const forger = signingKeyFrom(Buffer.alloc(32, 8));

  it('is refused when it was signed with another key than the trusted one', async () => {
    const lines = linesOf(rewritten, checkpointOf(rewritten, forger));
    const ownKey = lines.with(0, (lines[0] ?? '').replace(key.publicKey, forger.publicKey));
    expect(await verifyExport(ownKey, trusted)).toEqual({
      valid: false,
      events: 5,
      checkpoint: null,
      firstInvalid: { position: 5, why: 'wrong_key' },
    });
    // Nothing within the file can tell: that is what the trusted key is for.
    expect(await verifyExport(ownKey)).toMatchObject({ valid: true });
  });

  it('is refused when the header names another key', async () => {
    expect((await verifyExport(linesOf(genuine, checkpointOf(genuine, forger)))).firstInvalid).toEqual({
      position: 12,
      why: 'wrong_key',
    });
  });

  it('is refused when it was moved back to fit a cut tail', async () => {
    const cut = genuine.slice(0, 8);
    const moved = checkpoint && { ...checkpoint, position: 8, hash: eventWith(8).hash };
    expect((await verifyExport(linesOf(cut, moved), trusted)).firstInvalid).toEqual({
      position: 8,
      why: 'signature_invalid',
    });
  });

  it('proves no length when it was forged', async () => {
    const forged = checkpoint && { ...checkpoint, position: 20 };
    expect((await verifyExport(linesOf(genuine, forged), trusted)).firstInvalid).toEqual({
      position: 20,
      why: 'signature_invalid',
    });
  });

  it('is refused when any part of it was changed', async () => {
    const changes = [{ at: '2027-01-01T00:00:00.000Z' }, { signature: 'AAAA' }, { hash: eventWith(1).hash }];
    for (const change of changes) {
      const { valid, checkpoint: shown } = await verifyExport(
        linesOf(genuine, checkpoint && { ...checkpoint, ...change }),
        trusted,
      );
      expect({ valid, shown }).toEqual({ valid: false, shown: null });
    }
  });

  it('is missed when it was taken out', async () => {
    expect((await verifyExport(linesOf(genuine, null), trusted)).firstInvalid).toEqual({
      position: 1,
      why: 'not_covered',
    });
  });

  it('does not vouch for the trail of another organization', async () => {
    const lines = linesOf(genuine, checkpoint);
    const other = lines.with(0, (lines[0] ?? '').replace(organizationId, otherOrganizationId));
    expect((await verifyExport(other, trusted)).firstInvalid).toMatchObject({ position: 1, why: 'changed' });
  });

  it('is worth nothing with a wrong count beside it', async () => {
    expect((await verifyExport(linesOf(genuine, checkpoint, 11), trusted)).firstInvalid?.why).toBe('count_wrong');
  });
});

describe('a file that is no export', () => {
  it.each([
    ['nothing', []],
    ['no header', linesOf(genuine, checkpoint).slice(1)],
    ['other text', ['hello\n']],
  ])('is refused: %s', async (_name, lines) => {
    expect(await verifyExport(lines)).toMatchObject({
      valid: false,
      firstInvalid: { position: 0, why: 'header_invalid' },
    });
  });
});

describe('the signing key', () => {
  it('is the same for the same seed and another one for another seed', () => {
    expect(signingKeyFrom(Buffer.alloc(32, 7)).publicKey).toBe(key.publicKey);
    expect(signingKeyFrom(Buffer.alloc(32, 8)).keyId).not.toBe(key.keyId);
  });

  it('is the key of RFC 8032 for its first test seed', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const publicKey = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(signingKeyFrom(seed).publicKey).toBe(publicKey.toString('base64url'));
  });

  it('is refused for a seed of another length', () => {
    expect(() => signingKeyFrom(Buffer.alloc(31))).toThrow(TypeError);
  });
});

describe('the format', () => {
  it('stays what it was: an export of today verifies in years', () => {
    const { previousHash, ...content } = eventAt(1, genesisHash, { personalDigest: 'digest' });
    expect(chainHash(previousHash, { organizationId, position: 1 }, content)).toBe(
      'vyNLwwbfUlq6RGEFMeJiiAilpb7dWd4rw2Xk74kREs4',
    );
    expect(personalDigest('salt', { reason: 'Zoë "x"', names: { b: '2', a: '1' } })).toBe(
      'UiANSfCcdUnUtYRv6Mth_ss_IfX0R6TvsyCSAJ2a8Tk',
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { evaluationRequest } from './evaluation.ts';
import { foreignId, inputInstant, instant, uuid } from './scalars.ts';

describe('an instant that somebody sends', () => {
  it.each([
    ['2026-11-22T09:30:00.000Z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T09:30:00+00:00', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T09:30:00+02:00', '2026-11-22T07:30:00.000Z'],
    ['2026-11-22T01:00:00+0530', '2026-11-21T19:30:00.000Z'],
    ['2026-11-22T20:00:00-05', '2026-11-23T01:00:00.000Z'],
    ['2026-11-22T09:30Z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T09:30+01:00', '2026-11-22T08:30:00.000Z'],
    ['2026-11-22T09:30:00.5Z', '2026-11-22T09:30:00.500Z'],
    ['2026-11-22T09:30:00.123456789Z', '2026-11-22T09:30:00.123Z'],
    ['2026-11-22T09:30:00,25Z', '2026-11-22T09:30:00.250Z'],
    ['2026-11-22t09:30:00z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22', '2026-11-22T23:59:59.999Z'],
    ['2028-02-29', '2028-02-29T23:59:59.999Z'],
  ])('%s is %s', (written, kept) => {
    expect(inputInstant.parse(written)).toBe(kept);
    expect(instant.safeParse(kept).success).toBe(true);
  });

  it.each([
    '',
    'tomorrow',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2027-02-29T10:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T09:60:00Z',
    '2026-11-22T09:30:00',
    '2026-11-22T09:30:00+24:00',
    '2026-11-22T09:30:00+02:60',
    '2026-11-22 09:30:00Z',
    '2026-11-22T09:30:00.Z',
    '1795339800',
  ])('%j is none', (written) => {
    expect(inputInstant.safeParse(written).success).toBe(false);
  });

  it('is none as a number', () => {
    expect(inputInstant.safeParse(1_795_339_800).success).toBe(false);
  });
});

describe('an id', () => {
  const id = '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e';

  it.each([id, id.toUpperCase(), '019AA1F0-7c3e-7CC1-9d0a-5F3C1B2A4D5E'])('is read in any case: %s', (written) => {
    expect(uuid.parse(written)).toBe(id);
    expect(foreignId(200).parse(written)).toBe(id);
  });

  it('of something else stays as it is', () => {
    expect(foreignId(200).parse('Legacy:Devices')).toBe('Legacy:Devices');
    expect(uuid.safeParse('Legacy:Devices').success).toBe(false);
  });

  it('is the same person, and the same organization, in a question of either case', () => {
    const properties = { organizationId: id.toUpperCase() };
    const asked = evaluationRequest.parse({
      subject: { type: 'account', id: id.toUpperCase() },
      action: { name: 'read' },
      resource: { type: 'setting', id: 'devices', properties },
    });
    expect([asked.subject.id, asked.resource.properties?.organizationId]).toEqual([id, id]);
  });
});

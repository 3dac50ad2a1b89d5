import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organization, person, relationship } from '../support/cast.ts';
import { untilIt } from '../support/eventually.ts';
import {
  approve,
  ask,
  asked,
  code,
  requests,
  setExternalAdministratorStage,
  type ExternalAdministratorStage,
} from '../support/external-administrator-stage.ts';
import type { Answer } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

/** Whether somebody asks for a customer that exists: told by the approval alone. */
let world: World;
let stage: ExternalAdministratorStage;

beforeAll(async () => {
  world = await createWorld();
  stage = await setExternalAdministratorStage(world);
}, 120_000);

afterAll(() => world?.stop());

describe('whether a customer exists', () => {
  const shapeOf = ({ body }: Answer) =>
    Object.fromEntries(Object.entries(body).filter(([key]) => !['id', 'createdAt', 'decideBy'].includes(key)));
  const windowOf = ({ body }: Answer) => Date.parse(body.decideBy) - Date.parse(body.createdAt);

  it('is not told by asking with a domain', async () => {
    const domain = `known-${randomUUID()}.example`;
    const acme = await stage.customer({ domain });
    // What stands with the customer is of no consequence, and is not taken from it.
    await stage.alter(acme.id, { policy: { externalAdministratorPendingSeconds: 90_000 } });
    const grace = await stage.requester();
    const known = await ask(grace, { customerDomain: domain.toUpperCase() });
    const unknown = await ask(grace, { customerDomain: `un${domain}` });
    expect(known.status).toBe(201);
    expect(unknown.status).toBe(201);
    expect({ ...shapeOf(unknown), customerDomain: domain }).toEqual(shapeOf(known));
    expect(shapeOf(known)).toMatchObject({ customerId: null, customerName: null, customerDomain: domain });
    expect(windowOf(known)).toBe(windowOf(unknown));
    expect([...known.headers.keys()]).toEqual([...unknown.headers.keys()]);
    expect(code(await ask(grace, { customerDomain: domain }))).toBe('409 request_already_open');
    expect(code(await ask(grace, { customerDomain: `un${domain}` }))).toBe('409 request_already_open');

    // Nor by asking for approval, by a filter, by the trail, or by withdrawing.
    for (const { body } of [known, unknown])
      expect(code(await approve(grace, body.id, grace))).toBe('403 approver_is_requester');
    for (const customerId of [acme.id, randomUUID()])
      expect(code(await stage.partnersAdmin.http.get(`${requests}?customerId=${customerId}`))).toBe('404 not_found');
    for (const { body } of [known, unknown]) {
      const events = await stage.trail(stage.partnerId, body.id);
      expect(JSON.stringify(events)).not.toContain(acme.id);
      expect(events.map(({ action }) => action)).toEqual([
        'external-administrator.requested',
        'external-administrator.approved',
      ]);
      expect((await grace.http.post(`${requests}/${body.id}/cancel`)).body.status).toBe('cancelled');
    }
    expect((await acme.admin.http.get(`${requests}/${known.body.id}`)).body.customerId).toBe(acme.id);
  });

  it('is not told by the deadline, which the requester’s partner sets and no customer', async () => {
    const managing = await organization(world, 'partner');
    const priya = await person(world, 'Priya', [{ in: managing, roles: ['full_administrator'] }]);
    const acme = await stage.customer();
    await relationship(world, managing, acme.id);
    const grace = await stage.requester('Grace', managing);
    const policy = { externalAdministratorPendingSeconds: 7200 };
    const refused = await acme.admin.http.patch(`/v1/organizations/${acme.id}`, { policy });
    expect(code(refused)).toBe('400 invalid_request');
    expect(refused.body.errors).toMatchObject([{ pointer: '/policy/externalAdministratorPendingSeconds' }]);
    const { policy: shown } = (await acme.admin.http.get(`/v1/organizations/${acme.id}`)).body;
    expect(shown).not.toHaveProperty('externalAdministratorPendingSeconds');
    // What is shown can be sent back.
    expect((await acme.admin.http.patch(`/v1/organizations/${acme.id}`, { policy: shown })).status).toBe(200);

    expect((await priya.http.patch(`/v1/organizations/${managing}`, { policy })).status).toBe(200);
    for (const customerId of [acme.id, randomUUID()])
      expect(windowOf(await ask(grace, { customerId }))).toBe(7_200_000);
  });

  it('is not told by asking with an id, of a customer or of anything else', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const answers = await Promise.all(
      [acme.id, randomUUID(), stage.partnerId].map(async (customerId) => {
        const answer = await ask(grace, { customerId });
        return { status: answer.status, ...shapeOf(answer), customerId: 'typed', window: windowOf(answer) };
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('is told by the approval', async () => {
    const domain = `${randomUUID()}.example`;
    const acme = await stage.customer({ name: 'Told', domain });
    const grace = await stage.requester();
    const id = await asked(grace, { customerDomain: domain });
    await approve(acme.admin, id, grace);
    expect((await grace.http.get(`${requests}/${id}`)).body).toMatchObject({
      customerId: acme.id,
      customerName: 'Told',
      decidedBy: { displayName: 'Told Admin' },
    });
    expect((await grace.http.get(`${requests}?customerId=${acme.id}`)).body.items).toHaveLength(1);
  });

  it('bothers a customer once, whatever names the requester knows it by', async () => {
    const domain = `${randomUUID()}.example`;
    const acme = await stage.customer({ domain });
    const grace = await stage.requester();
    await asked(grace, { customerId: acme.id });
    await asked(grace, { customerDomain: domain });
    expect((await acme.admin.http.get(`${requests}?status=pending`)).body.items).toHaveLength(1);
  });

  it('stays untold when an unknown domain’s request expires, with the mail of any other', async () => {
    const impatient = await organization(world, 'partner', {
      name: 'Impatient',
      policy: { externalAdministratorPendingSeconds: 2 },
    });
    const domain = `${randomUUID()}.example`;
    const acme = await stage.customer({ name: 'Secret name', domain });
    const grace = await stage.requester('Ida Impatient', impatient);
    const known = await asked(grace, { customerDomain: domain });
    const unknown = await asked(grace, { customerDomain: `un${domain}` });
    for (const id of [known, unknown]) {
      await untilIt(
        async () => (await grace.http.get(`${requests}/${id}`)).body.status,
        (status) => status === 'expired',
      );
      const [mail] = await untilIt(
        () => world.mail.mails().filter((one) => one.to.includes(grace.email) && one.text.includes(id)),
        (mails) => mails.length > 0,
      );
      expect(mail?.kind).toBe('external-administrator.expired');
      expect(mail?.text).not.toContain('Secret name');
    }
    expect(code(await approve(acme.admin, known, grace))).toBe('409 request_not_pending');
    // What is overdue is closed, so it stands in nobody's way.
    expect((await ask(grace, { customerDomain: domain })).status).toBe(201);
    expect(await stage.actionsOf(acme.id, known)).toEqual([
      'external-administrator.requested success',
      'external-administrator.expired success',
      'external-administrator.approved refused',
    ]);
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Address, asSystem, type AuditEvent, MailDelivery, Membership, Organization, Relationship } from '#persistence';
import { organization, person, type Cast } from '../support/cast.ts';
import { untilIt } from '../support/eventually.ts';
import {
  approve,
  ask,
  asked,
  code,
  inSeconds,
  listed,
  requests,
  setExternalAdministratorStage,
  type ExternalAdministratorStage,
} from '../support/external-administrator-stage.ts';
import { mayWrite } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

/** What somebody who was let in may not do, and how it ends. */
let world: World;
let stage: ExternalAdministratorStage;

beforeAll(async () => {
  world = await createWorld();
  stage = await setExternalAdministratorStage(world);
}, 120_000);

afterAll(() => world?.stop());

describe('an external administrator', () => {
  it('brings no partner’s people in by the back door: neither by an invite nor by roles', async () => {
    const acme = await stage.customer();
    await world.database.transaction(asSystem, async (em) => {
      (await em.findOneOrFail(Organization, { id: acme.id })).restrictedMode = false;
    });
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    expect((await approve(acme.admin, id, grace)).status).toBe(200);
    // The colleague's partner is nobody Grace or the customer has to do with.
    const elsewhere = await organization(world, 'partner');
    const colleague = await person(world, 'Colleague', [{ in: elsewhere }, { in: acme.id }]);
    const invited = await person(world, 'Invited', [{ in: elsewhere }]);
    const own = await person(world, 'Own', [{ in: acme.id }]);
    const roles = ['read_only_administrator'];
    const give = (by: Cast, who: Cast) =>
      by.http.put(`/v1/organizations/${acme.id}/members/${who.memberIds[acme.id]}/administrator-roles`, { roles });
    const invite = (by: Cast, email: string) =>
      by.http.post(`/v1/organizations/${acme.id}/invites`, { email, administratorRoles: roles });

    expect(code(await give(grace, colleague))).toBe('403 external_administrator');
    expect(code(await invite(grace, invited.email))).toBe('403 external_administrator');
    expect((await give(grace, own)).status).toBe(200);
    const refused = await acme.admin.http.get(`/v1/organizations/${acme.id}/audit-events?outcome=refused`);
    expect(refused.body.items.map(({ action, facts }: AuditEvent) => `${action} ${String(facts['code'])}`)).toEqual([
      'invite.created external_administrator',
      'membership.administrator-roles-assigned external_administrator',
    ]);
    // The customer's own administrator may.
    expect((await give(acme.admin, colleague)).status).toBe(200);

    // An address that nobody had becomes a partner's person's before the invite is accepted.
    const email = `later-${randomUUID()}@people.example`;
    const open = await invite(grace, email);
    expect(open.status).toBe(201);
    const mail = await world.mail.waitForMail({ to: email });
    const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail.text ?? '')?.[1];
    await world.database.transaction(asSystem, async (em) => {
      em.create(Address, { address: email, accountId: invited.accountId, kind: 'alias', verifiedAt: new Date() });
    });
    expect(code(await invited.http.post('/v1/invites/accept', { token }))).toBe('403 inviter_not_entitled');
    const again = await acme.admin.http.get(
      `/v1/organizations/${acme.id}/audit-events?outcome=refused&subjectId=${open.body.id}`,
    );
    expect(again.body.items).toMatchObject([{ action: 'invite.accepted', facts: { code: 'external_administrator' } }]);
  });
});

describe('the end', () => {
  it('comes at the date the approver set: by the clock, then by the timer', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    expect(code(await approve(acme.admin, id, grace, { until: inSeconds(-1) }))).toBe('400 invalid_request');
    const until = inSeconds(3);
    const approved = await approve(acme.admin, id, grace, { until });
    expect(approved.body.access).toMatchObject({ until, status: 'active' });
    expect(await mayWrite(grace, acme.id)).toBe(true);
    const over = await grace.http.get(`${requests}/${id}?wait=10`);
    expect(over.body.access).toMatchObject({ status: 'expired', endedAt: until });
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await listed(acme.admin, acme.id)).body.items).toEqual([]);

    const membership = await untilIt(
      () =>
        world.database.transaction(asSystem, (em) =>
          em.findOneOrFail(Membership, { id: approved.body.access.memberId }),
        ),
      (row) => row.removedAt !== null && row.removedAt !== undefined,
    );
    expect(membership.removedAt?.toISOString()).toBe(until);
    for (const who of [grace, acme.admin])
      await world.mail.waitForMail({ to: who.email, kind: 'external-administrator.ended' });
    expect(await stage.actionsOf(acme.id, id)).toEqual([
      'external-administrator.requested success',
      'external-administrator.approved success',
      'external-administrator.ended success',
    ]);
    // What is over may be asked for anew.
    expect((await ask(grace, { customerId: acme.id })).status).toBe(201);
  });

  it('is an instant with any offset or a plain day, shown in UTC, and listed among the temporary accesses', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    for (const until of ['soon', '2031-02-30', '2031-01-31T18:00:00'])
      expect((await approve(acme.admin, id, grace, { until })).body.errors).toMatchObject([{ pointer: '/until' }]);
    const approved = await approve(acme.admin, id, grace, { until: '2031-01-31T18:00+02:00' });
    const { memberId } = approved.body.access;
    expect(approved.body.access.until).toBe('2031-01-31T16:00:00.000Z');
    // The same again in other words is the same; anything else is another decision.
    const repeated = await approve(acme.admin, id, grace, { until: '2031-01-31T16:00:00Z' });
    expect([repeated.status, repeated.body.decidedAt]).toEqual([200, approved.body.decidedAt]);
    for (const other of [{}, { until: '2031-02-01' }, { until: '2031-01-31T16:00Z', role: 'read_only_administrator' }])
      expect(code(await approve(acme.admin, id, grace, other))).toBe('409 request_not_pending');

    const grant = {
      id: memberId,
      kind: 'external-administrator',
      sourceId: id,
      organizationId: acme.id,
      partnerId: stage.partnerId,
      account: { id: grace.accountId },
      approvedBy: { id: acme.admin.accountId },
      expiresAt: '2031-01-31T16:00:00.000Z',
      status: 'active',
    };
    const reader = await person(world, 'Reader', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    for (const [who, expected] of [
      [grace, [grant]],
      [acme.admin, [grant]],
      [reader, []],
      // Does not see the customer at all: an empty list would say that nobody has access there.
      [stage.partnersAdmin, undefined],
    ] as const) {
      const list = await who.http.get(`/v1/grants?organizationId=${acme.id}&status=active`);
      expect(list.status).toBe(expected ? 200 : 404);
      if (expected) expect(list.body.items).toMatchObject(expected);
      expect((await who.http.get(`/v1/grants/${memberId}`)).status).toBe(expected?.length ? 200 : 404);
    }

    const path = `/v1/organizations/${acme.id}/external-administrators/${memberId}`;
    expect((await acme.admin.http.patch(path, { until: '2031-06-30' })).body.until).toBe('2031-06-30T23:59:59.999Z');
    expect((await acme.admin.http.delete(path)).status).toBe(204);
    expect((await acme.admin.http.get(`/v1/grants?organizationId=${acme.id}&status=revoked`)).body.items).toMatchObject(
      [{ id: memberId, status: 'revoked' }],
    );
    expect((await acme.admin.http.get(`/v1/grants?organizationId=${acme.id}&status=active`)).body.items).toEqual([]);
  });

  it('is set later, moved and taken away again, though the workflow had completed', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const { memberId } = (await approve(acme.admin, id, grace)).body.access;
    const handle = world.temporal.client.workflow.getHandle(`external-administrator:${id}`);
    await untilIt(
      () => handle.describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    const path = `/v1/organizations/${acme.id}/external-administrators/${memberId}`;
    expect(code(await acme.admin.http.patch(path, {}))).toBe('400 invalid_request');
    expect(code(await acme.admin.http.patch(path, { until: inSeconds(-5) }))).toBe('400 invalid_request');
    const tag = (await acme.admin.http.get(path)).headers.get('etag') ?? '';
    const dated = await acme.admin.http.patch(path, { until: inSeconds(600) }, { 'if-match': tag });
    expect(dated.status).toBe(200);
    expect(code(await acme.admin.http.patch(path, { until: null }, { 'if-match': tag }))).toBe('412 version_mismatch');
    await untilIt(
      () => handle.describe(),
      ({ status }) => status.name === 'RUNNING',
    );
    expect((await acme.admin.http.patch(path, { until: null })).body.until).toBeNull();
    await untilIt(
      () => handle.describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    const soon = inSeconds(2);
    await acme.admin.http.patch(path, { until: soon, role: 'read_only_administrator' });
    expect(await mayWrite(grace, acme.id)).toBe(false);
    await world.mail.waitForMail({ to: grace.email, kind: 'external-administrator.ended' });
    expect(code(await acme.admin.http.patch(path, { until: inSeconds(600) }))).toBe('404 not_found');
    expect((await stage.actionsOf(acme.id, id)).filter((action) => action.includes('changed'))).toHaveLength(3);
    // However often the workflow came back, the approval was told once.
    const told = await world.database.transaction(asSystem, (em) =>
      em.count(MailDelivery, { rowId: id, kind: 'external-administrator.approved' }),
    );
    expect(told).toBe(1);
  });

  it('is for the customer’s own full administrators to change, and new terms not for the requester’s side', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const { memberId } = (await approve(acme.admin, id, grace)).body.access;
    const path = `/v1/organizations/${acme.id}/external-administrators/${memberId}`;
    const teammate = await person(world, 'Teammate', [{ in: acme.id, workspaceRole: 'owner' }]);
    const bothSides = await person(world, 'Both Sides', [
      { in: acme.id, roles: ['full_administrator'] },
      { in: stage.partnerId },
    ]);
    const change = { until: inSeconds(600) };
    expect(code(await grace.http.patch(path, change))).toBe('403 external_administrator');
    expect(code(await grace.http.delete(path))).toBe('403 external_administrator');
    expect(code(await listed(grace, acme.id))).toBe('403 external_administrator');
    expect(code(await teammate.http.patch(path, change))).toBe('403 not_full_administrator');
    expect(code(await listed(teammate, acme.id))).toBe('403 not_full_administrator');
    expect(code(await stage.partnersAdmin.http.delete(path))).toBe('404 not_found');
    expect(code(await bothSides.http.patch(path, change))).toBe('403 approver_in_requesting_partner');
    expect(code(await acme.admin.http.patch(path, { role: 'provisioning_administrator' }))).toBe(
      '403 role_not_available',
    );
    // An external administrator approves nobody else either.
    const other = await stage.requester('Second Requester');
    const second = await asked(other, { customerId: acme.id });
    expect(code(await approve(grace, second, other))).toBe('404 not_found');
    expect((await bothSides.http.delete(path)).status).toBe(204);
  });

  it('comes for everybody of the partner with the relationship', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    await approve(acme.admin, id, grace);
    const [between] = await world.database.transaction(asSystem, (em) =>
      em.find(Relationship, { customerId: acme.id, activeUntil: null }),
    );
    const ended = await acme.admin.http.delete(`/v1/organizations/${acme.id}/relationships/${between?.id}`);
    expect(ended.status).toBeLessThan(300);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await acme.admin.http.get(`${requests}/${id}`)).body.access.status).toBe('ended');
  });

  it('comes as well where the member is removed as any other', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const { memberId } = (await approve(acme.admin, id, grace)).body.access;
    expect((await acme.admin.http.delete(`/v1/organizations/${acme.id}/members/${memberId}`)).status).toBe(204);
    expect((await grace.http.get(`${requests}/${id}`)).body.access.status).toBe('revoked');
    expect(
      await world.database.transaction(asSystem, (em) =>
        em.count(Relationship, { customerId: acme.id, activeUntil: null }),
      ),
    ).toBe(0);
  });
});

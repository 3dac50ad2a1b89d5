import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CastList } from './cast-list.ts';
import type { DemoClient } from './client.ts';
import type { Stage } from './stage.ts';

interface Id {
  id: string;
}
interface ElevationState extends Id {
  status: string;
  grant: { status: string; expiresAt: string } | null;
}
interface Trail {
  items: {
    action: string;
    at: string;
    outcome: string;
    position: number | null;
    actor: { displayName?: string; kind: string };
  }[];
}

const grantSeconds = 5;

/** A partner, its customer and a help-desk agent, each joining by the link of their mail. */
export async function introduce({ support, cast, scene, tell, mailArrives }: Stage): Promise<CastList> {
  scene('A partner, its customer, and their people');
  const partner = await support.post<Id>('/v1/organizations', {
    kind: 'partner',
    name: 'Northwind Services',
    slug: 'northwind',
    loginMethods: ['password'],
    firstAdministrator: { email: 'paula@northwind.example', displayName: 'Paula Adams' },
  });
  tell('support team', 'creates the partner Northwind Services and invites Paula Adams');
  await mailArrives('paula@northwind.example', 'invite.sign-up');
  const paula = await cast.join('paula@northwind.example', 'Paula Adams');
  tell('Paula', 'follows the link, chooses a password and is Owner and full administrator');

  const customer = await paula.post<Id>(`/v1/organizations/${partner.id}/customers`, {
    name: 'Harbour Logistics',
    slug: 'harbour',
    loginMethods: ['password'],
    firstAdministrator: { email: 'maria@harbour.example', displayName: 'Maria Lindqvist' },
  });
  tell('Paula', 'creates the customer Harbour Logistics; the relationship begins');
  await paula.post(`/v1/organizations/${partner.id}/invites`, {
    email: 'grace@northwind.example',
    displayName: 'Grace Park',
    workspaceRole: 'limited_access',
  });
  const maria = await cast.join('maria@harbour.example', 'Maria Lindqvist');
  const grace = await cast.join('grace@northwind.example', 'Grace Park');
  const graceId = await giveHelpDeskRole(paula, partner.id);
  tell('Paula', 'makes Grace Park a help-desk administrator (Advanced)');

  return { partnerId: partner.id, customerId: customer.id, paula, maria, grace, graceId };
}

/** Request, mail, approval, access and its end. */
export async function playElevation(
  { scene, tell, mailArrives, refused }: Stage,
  { customerId, grace, graceId, maria }: CastList,
): Promise<void> {
  const mayWrite = async (): Promise<boolean> => {
    const { decision } = await grace.post<{ decision: boolean }>('/access/v1/evaluation', {
      subject: { type: 'account', id: graceId },
      action: { name: 'write' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: customerId } },
    });
    tell('evaluation', `may Grace change devices of Harbour Logistics now? ${decision ? 'yes' : 'no'}`);
    return decision;
  };

  scene('Elevation: full access, for a while, by approval');
  expect(await mayWrite(), false);
  const asked = await grace.post<ElevationState>('/v1/elevations', {
    customerId,
    reason: 'The desk phones in Hamburg stopped registering this morning.',
    ticket: 'INC-20417',
    durationSeconds: grantSeconds,
  });
  tell('Grace', 'asks for full access and says why');
  await mailArrives('maria@harbour.example', 'elevation.requested');
  await refused('Grace', 'approves her own request', () => grace.post(`/v1/elevations/${asked.id}/approve`));
  await maria.post(`/v1/elevations/${asked.id}/approve`);
  tell('Maria', `approves, for ${grantSeconds} seconds`);
  await mailArrives('grace@northwind.example', 'elevation.approved');
  expect(await mayWrite(), true);

  tell('clock', 'time runs …');
  const over = await grace.get<ElevationState>(`/v1/elevations/${asked.id}?wait=30`);
  tell('clock', `the grant is ${over.grant?.status}`);
  expect(await mayWrite(), false);
  await mailArrives('maria@harbour.example', 'elevation.ended');
}

/** The record of all that, and the proof that nobody changed it. */
export async function playAuditTrail({ scene, tell }: Stage, { customerId, maria }: CastList): Promise<void> {
  scene('The audit trail of Harbour Logistics');
  const verdict = await sealedTrail(maria, customerId);
  const trail = await maria.get<Trail>(`/v1/organizations/${customerId}/audit-events?limit=100`);
  for (const { position, action, outcome, actor } of trail.items.toReversed()) {
    tell(
      `#${position ?? '…'}`,
      `${action.padEnd(40)}${outcome === 'refused' ? 'refused ' : ''}${actor.displayName ? `by ${actor.displayName}` : `by the ${actor.kind}`}`,
    );
  }
  tell('verify', `${verdict.events} events, the chain is ${verdict.valid ? 'whole' : 'broken'}`);
}

/** Both trails as files, for `countersign audit report` on any machine. */
export async function keepTrails(
  { tell }: Stage,
  { customerId, maria, partnerId, paula }: CastList,
  folder: string,
): Promise<void> {
  await sealedTrail(paula, partnerId);
  const sides = [
    { name: 'harbour', organizationId: customerId, reader: maria },
    { name: 'northwind', organizationId: partnerId, reader: paula },
  ];
  for (const { name, organizationId, reader } of sides) {
    const file = join(folder, `${name}.jsonl`);
    await writeFile(file, await reader.textOf('GET', `/v1/organizations/${organizationId}/audit-events/export`));
    tell('export', file);
  }
}

async function giveHelpDeskRole(paula: DemoClient, partnerId: string): Promise<string> {
  const { items } = await paula.get<{ items: { id: string; account: { id: string; email: string } }[] }>(
    `/v1/organizations/${partnerId}/members`,
  );
  const grace = items.find((member) => member.account.email === 'grace@northwind.example');
  if (!grace) throw new Error('Grace has not joined');
  await paula.put(`/v1/organizations/${partnerId}/members/${grace.id}/administrator-roles`, {
    roles: ['help_desk_advanced'],
  });
  return grace.account.id;
}

/** The sealer follows within a second. */
async function sealedTrail(reader: DemoClient, organizationId: string): Promise<{ valid: boolean; events: number }> {
  for (;;) {
    const { items } = await reader.get<Trail>(`/v1/organizations/${organizationId}/audit-events?limit=200`);
    if (items.every((event) => event.position !== null)) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return reader.get(`/v1/organizations/${organizationId}/audit-events/verify`);
}

/** The demo is a test, too: where the service answers otherwise, it ends with an error. */
function expect(actual: boolean, expected: boolean): void {
  if (actual !== expected) throw new Error(`The evaluation said ${actual} where ${expected} was right`);
}

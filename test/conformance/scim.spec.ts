import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organization, person } from '../support/cast.ts';
import { createWorld, type World } from '../support/world.ts';

interface Finding {
  status: 'SUCCESS' | 'COMPLIANT' | 'ACCEPTABLE' | 'DEVIATION' | 'ERROR' | 'CRITICAL' | 'SKIPPED';
  title: string;
  reason: string | null;
}

let world: World;
let findings: Finding[];

/** Told before all tests, too. */
const lacking = process.env['COUNTERSIGN_TEST_CONFORMANCE_LACKS'];
const describeWherePossible = lacking ? describe.skip : describe;
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);

beforeAll(async () => {
  if (lacking) return;
  const python = (await run(here('install.sh'), ['scim-requirements.txt', 'python'])).stdout.trim();
  world = await createWorld({ worker: false });
  const organizationId = await organization(world, 'customer');
  const owner = await person(world, 'Owner', [{ in: organizationId, workspaceRole: 'owner' }]);
  const { body } = await owner.http.post(`/v1/organizations/${organizationId}/scim-tokens`, { name: 'scim2-tester' });
  const asked = run(python, [here('scim.py'), body.baseUrl], { env: { ...process.env, SCIM_TOKEN: body.token } });
  findings = JSON.parse((await asked).stdout);
}, 5 * 60_000);

afterAll(() => world?.stop());

describeWherePossible('a public set of SCIM checks (scim2-tester)', () => {
  it('finds nothing that the standard forbids or advises against, but that nobody is neither active nor inactive', () => {
    const good = ['SUCCESS', 'COMPLIANT', 'ACCEPTABLE', 'SKIPPED'];
    // Whether somebody may be a member is always known: what takes `active` away leaves it as it was.
    expect(findings.filter(({ status }) => !good.includes(status))).toEqual([
      {
        status: 'ERROR',
        title: 'check_remove_attribute',
        reason: "PATCH modify() did not remove attribute 'active'",
      },
    ]);
    expect(findings.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(20);
  });
});

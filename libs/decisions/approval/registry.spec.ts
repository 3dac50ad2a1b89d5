import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Production files that are the flow's own, or name it; mail templates, what is built of them, the demo's scenes and specs are not counted. */
async function filesAbout(own: RegExp, name: RegExp): Promise<{ own: string[]; elsewhere: string[] }> {
  const found: { own: string[]; elsewhere: string[] } = { own: [], elsewhere: [] };
  for await (const path of glob('{activities,apps,libs,workflows}/**/*.{ts,hbs}', { cwd: root })) {
    if (path.endsWith('.spec.ts') || /^(libs\/mail\/(templates|partials|html)\/|apps\/cli\/demo)/.test(path)) continue;
    if (own.test(path)) found.own.push(path);
    else if (name.test(await readFile(`${root}${path}`, 'utf8'))) found.elsewhere.push(path);
  }
  return { own: found.own.sort(), elsewhere: found.elsewhere.sort() };
}

describe('a flow', () => {
  it('is a folder in each room and a line in each list: the fourth one, counted', async () => {
    const { own, elsewhere } = await filesAbout(
      /(?<!address-)change-requests?\b/,
      /(?<!address-)\bchange-requests?\b|\bchangeRequest|ChangeRequest|change_request/,
    );
    // 16 are any flow's; the others refuse the direct way to what is proposed here.
    expect(own).toHaveLength(16 + 2);
    expect(own).toEqual(
      expect.arrayContaining(['required', 'weakened'].map((file) => `libs/decisions/change-request/${file}.ts`)),
    );
    // The direct way, which is refused, and who stands behind what was agreed to.
    const behind = [
      'libs/decisions/invite/create.ts',
      'libs/decisions/membership/appoint.ts',
      'libs/decisions/membership/assign-administrator-roles.ts',
      'libs/decisions/organization/apply.ts',
      'libs/decisions/organization/change.ts',
    ];
    const lists = [
      'activities/approval/registry.ts',
      'apps/api/api.module.ts',
      'apps/api/approvals/registry.ts',
      'apps/api/audit/trail-filter.ts',
      'libs/access/index.ts',
      'libs/contracts/approval.ts',
      'libs/contracts/errors.ts',
      'libs/contracts/index.ts',
      'libs/decisions/approval/registry.ts',
      'libs/decisions/index.ts',
      'libs/decisions/payload-keys/places.ts',
      'libs/mail/kinds.ts',
      'libs/mail/sample-mail.ts',
      'libs/persistence/entities/index.ts',
      'libs/persistence/migrations/index.ts',
      'workflows/index.ts',
    ];
    expect(elsewhere).toEqual([...behind, ...lists].sort());
  });
});

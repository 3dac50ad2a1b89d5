import { readFile } from 'node:fs/promises';
import type { OrganizationPolicy, UpdateOrganization } from '@countersign/client';
import { Command, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { UsageError } from './cli-errors.ts';
import { print, table } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

type PolicyFile = NonNullable<UpdateOrganization['policy']>;

const whatPolicyFile = 'the file: JSON with the policy, or the part of it that is to change';

/** What the file would change, by name. */
function changes(present: OrganizationPolicy, wanted: PolicyFile) {
  const before = new Map<string, unknown>(Object.entries(present));
  return Object.entries(wanted)
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => ({ name, present: before.get(name) ?? null, wanted: value }));
}

async function readPolicy(file: string): Promise<PolicyFile> {
  const content = await readFile(file, 'utf8');
  try {
    return JSON.parse(content) as PolicyFile;
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const inWords = (changed: ReturnType<typeof changes>): string =>
  changed.length === 0
    ? 'Nothing would change.'
    : table(
        ['WHAT', 'NOW', 'THEN'],
        changed.map(({ name, present: before, wanted: after }) => [
          name,
          JSON.stringify(before),
          JSON.stringify(after),
        ]),
      );

@SubCommand({ name: 'plan', arguments: '<file>', description: 'What a policy file would change' })
export class PolicyPlanCommand extends OrganizationCommand {
  async run([file]: string[], options: OrganizationOptions): Promise<void> {
    const wanted = await readPolicy(this.needed(file, whatPolicyFile));
    const countersign = await this.connect(options);
    const id = await this.organizationOf(countersign, options);
    const { policy } = await countersign.getOrganization({ path: { id } });
    this.show(options, changes(policy, wanted), inWords);
  }
}

/** Unknown names and impossible values are refused by the service, and nothing is changed then. */
@SubCommand({ name: 'apply', arguments: '<file>', description: 'Make a policy file the policy' })
export class PolicyApplyCommand extends OrganizationCommand {
  async run([file]: string[], options: OrganizationOptions): Promise<void> {
    const policy = await readPolicy(this.needed(file, whatPolicyFile));
    const countersign = await this.connect(options);
    const id = await this.organizationOf(countersign, options);
    const former = await countersign.getOrganization({ path: { id } });
    const changed = changes(former.policy, policy);
    if (changed.length > 0) await countersign.updateOrganization({ path: { id }, body: { policy } });
    this.show(options, changed, inWords);
    if (changed.length > 0 && !options.json) print('Applied.');
  }
}

@Command({
  name: 'policy',
  description: "An organization's terms for approvals, as a file",
  subCommands: [PolicyPlanCommand, PolicyApplyCommand],
})
export class PolicyCommand extends CommandGroup {}

import { Command } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { loadConfig } from '#config';
import { startLocalStack, type LocalStack } from '#local-stack';
import { demoPassword, seedDemoPeople, type DemoPeople } from './demo/people.ts';
import type { Service } from './service.ts';
import { aborted, interruption } from './interruption.ts';

@Command({
  name: 'up',
  description: 'Start everything on this machine: servers that the environment does not name, the API and a worker',
})
export class UpCommand extends CliCommand {
  async run(): Promise<void> {
    const say = (message: string) => void process.stdout.write(`${message}\n`);
    const signal = interruption();
    const stack = await startLocalStack({ config: loadConfig(), onProgress: say, signal });
    let service: Service | undefined;
    try {
      // API and worker are loaded only where they are run: other commands begin at once.
      const { startService } = await import('./service.ts');
      service = await startService({ config: stack.config, onProgress: say });
      const people = stack.mailCatcher
        ? await seedDemoPeople(service.url, stack.config.supportToken, stack.mailCatcher)
        : null;
      say(welcome(stack, service, people));
      await Promise.race([aborted(signal), service.finished]);
      say('Stopping …');
    } finally {
      await service?.stop();
      await stack.stop();
    }
    process.exit(0);
  }
}

function welcome({ config, urls }: LocalStack, { url }: Service, people: DemoPeople | null): string {
  const addresses = [
    ['Countersign', url],
    ['API description', `${url}/docs`],
    ...(urls.mails ? [['Mails', urls.mails]] : []),
    ...(urls.temporalUi ? [['Workflows', urls.temporalUi]] : []),
    ['Support token', config.supportToken],
  ];
  const lines = [
    '',
    'Countersign is up.',
    '',
    ...addresses.map(([name, address]) => `  ${name?.padEnd(18)}${address}`),
  ];
  if (people) {
    lines.push('', `People (password of each: ${demoPassword})`);
    lines.push(...people.map(({ email, what }) => `  ${email.padEnd(32)}${what}`));
    lines.push(
      '',
      'Three things to try',
      `  1. Sign in at ${url}/sign-in as ${people[1]?.email} and ask for access at ${url}/help-desk`,
      `  2. Open the mail to ${people[2]?.email} at ${urls.mails} and grant the access`,
      '  3. See the whole story on a short clock: npm run demo',
    );
  }
  lines.push('', 'Ctrl-C ends it; the data stays in DATA_DIR for the next start.', '');
  return lines.join('\n');
}

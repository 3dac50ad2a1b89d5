import type { Countersign, Session } from '@countersign/client';
import { Command, Option } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { text } from 'node:stream/consumers';
import { UsageError } from './cli-errors.ts';
import { forgetToken, keepToken } from './connection/credentials.ts';
import { print } from './connection/print.ts';
import { serviceAddress } from './connection/service-address.ts';
import { ServiceCommand, type ConnectionOptions } from './connection/service-command.ts';

interface LoginOptions {
  url?: string;
  email?: string;
  passwordStdin?: boolean;
  tokenStdin?: boolean;
}

@Command({
  name: 'login',
  description: 'Sign in by password, or keep an API key; what comes of it is kept for you alone',
})
export class LoginCommand extends CliCommand {
  async run(_: string[], options: LoginOptions): Promise<void> {
    const { url } = await serviceAddress(options.url);
    const { connect } = await import('@countersign/client');
    const token = options.tokenStdin
      ? (await text(process.stdin)).trim()
      : (await signIn(connect({ baseUrl: url }), options)).token;
    const { account, service } = await connect({ baseUrl: url, token }).getMe();
    await keepToken(url, token);
    print(`Logged in at ${url} as ${account?.displayName ?? service?.name ?? 'the support team'}.`);
  }

  @Option({ flags: '--url <url>', description: 'Where Countersign is' })
  parseUrl(value: string): string {
    return value;
  }

  @Option({ flags: '--email <address>', description: 'Who you are; asked for otherwise' })
  parseEmail(value: string): string {
    return value;
  }

  @Option({ flags: '--password-stdin', description: 'Read the password from standard input' })
  parsePasswordStdin(): boolean {
    return true;
  }

  @Option({ flags: '--token-stdin', description: 'Read a session token or an API key from standard input' })
  parseTokenStdin(): boolean {
    return true;
  }
}

async function signIn(countersign: Countersign, { email, passwordStdin }: LoginOptions): Promise<Session> {
  if (!process.stdin.isTTY && !(email && passwordStdin))
    throw new UsageError('Without a terminal: --email with --password-stdin, or --token-stdin');
  const { input, password: askPassword } = await import('@inquirer/prompts');
  const address = email ?? (await input({ message: 'Email' }));
  const password = passwordStdin ? (await text(process.stdin)).trimEnd() : await askPassword({ message: 'Password' });
  try {
    return await countersign.createSession({ body: { email: address, password } });
  } catch (error) {
    const { CountersignProblem } = await import('@countersign/client');
    const isHalfTheWay = error instanceof CountersignProblem && error.code === 'second_factor_required';
    if (!isHalfTheWay || !process.stdin.isTTY) throw error;
    const code = await input({ message: 'Code of your authenticator app' });
    return countersign.giveSecondFactor({ body: { step: String(error.problem['step']), code: code.trim() } });
  }
}

@Command({ name: 'logout', description: 'End the session that `login` began' })
export class LogoutCommand extends ServiceCommand {
  async run(_: string[], options: ConnectionOptions): Promise<void> {
    const { url, token } = await serviceAddress(options.url);
    const countersign = await this.connect(options);
    // An API key has no session; it is only forgotten here.
    if (token && (await countersign.getMe()).session) await countersign.endCurrentSession();
    await forgetToken(url);
    print(`Logged out at ${url}.`);
  }
}

@Command({ name: 'whoami', description: 'Who the service takes you for, and what you are where' })
export class WhoAmICommand extends ServiceCommand {
  async run(_: string[], options: ConnectionOptions): Promise<void> {
    const countersign = await this.connect(options);
    this.show(options, await countersign.getMe(), ({ account, service, memberships }) =>
      [
        account ? `${account.displayName} <${account.email}>` : (service?.name ?? 'The support team'),
        ...memberships.map(
          ({ organization: { name, id }, kind, workspaceRole, administratorRoles }) =>
            `  ${name} (${id}), ${kind}: ${[workspaceRole, ...administratorRoles].filter(Boolean).join(', ')}`,
        ),
      ].join('\n'),
    );
  }
}

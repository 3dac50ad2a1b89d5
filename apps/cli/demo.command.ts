import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { loadConfig } from '#config';
import { findFreePort, startLocalStack } from '#local-stack';
import { playChangeRequest } from './demo/change-request.ts';
import { introduce, keepTrails, playAuditTrail, playElevation } from './demo/elevation.ts';
import { playExternalAdministrator } from './demo/external-administrator.ts';
import { playInvites } from './demo/invites.ts';
import { playRestrictedMode } from './demo/restricted-mode.ts';
import { openStage } from './demo/stage.ts';

@Command({ name: 'demo', description: 'Play the story on a short clock against real servers of its own' })
export class DemoCommand extends CliCommand {
  async run(_argument: string[], { trails }: { trails?: string }): Promise<void> {
    const say = (message: string) => void process.stdout.write(`${message}\n`);
    const dataDir = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
    // PostgreSQL runs under an account of its own where root starts it, and must reach its folder.
    await chmod(dataDir, 0o755);
    const port = await findFreePort();
    // Always on servers of its own: a demo must not write into a database that somebody uses.
    const {
      DATABASE_URL: _database,
      TEMPORAL_ADDRESS: _temporal,
      SMTP_URL: _smtp,
      NODE_ENV: _env,
      ...environment
    } = process.env;
    const config = loadConfig({
      ...environment,
      DATA_DIR: dataDir,
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      TEMPORAL_UI_PORT: '0',
      MINIMUM_DURATION_SECONDS: '1',
      LOG_LEVEL: 'error',
    });
    const stack = await startLocalStack({ config, onProgress: say });
    try {
      const { startService } = await import('./service.ts');
      const service = await startService({ config: stack.config, onProgress: say });
      try {
        if (!stack.mailCatcher) throw new Error('The demo reads its mails from the embedded catcher');
        const stage = openStage({
          url: service.url,
          supportToken: stack.config.supportToken,
          mails: stack.mailCatcher,
          say,
        });
        const cast = await introduce(stage);
        await playElevation(stage, cast);
        await playInvites(stage, cast);
        await playRestrictedMode(stage, cast);
        await playExternalAdministrator(stage, cast);
        await playChangeRequest(stage, cast);
        await playAuditTrail(stage, cast);
        if (trails !== undefined) await keepTrails(stage, cast, trails);
        say('\nThat was the story. Start it for yourself with: npm start\n');
      } finally {
        await service.stop();
      }
    } finally {
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
    process.exit(0);
  }

  @Option({ flags: '--trails <folder>', description: 'Keep the exports of both trails there' })
  parseTrails(value: string): string {
    return value;
  }
}

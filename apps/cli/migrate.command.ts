import { Command } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { ConfigurationError, loadConfig } from '#config';
import { Database } from '#persistence';

@Command({ name: 'migrate', description: 'Bring the database of DATABASE_URL up to date' })
export class MigrateCommand extends CliCommand {
  async run(): Promise<void> {
    const { databaseUrl } = loadConfig();
    if (!databaseUrl) {
      throw new ConfigurationError([
        { variable: 'DATABASE_URL', problem: 'is missing', nextStep: 'Name the database to migrate' },
      ]);
    }
    const database = await Database.open({ databaseUrl, applicationName: 'countersign-migrate' });
    try {
      await database.migrate(() => process.stdout.write('Somebody else is migrating this database; waiting.\n'));
      const isNewer = (await database.schema()) === 'newer';
      process.stdout.write(
        isNewer ? 'The database has the schema of a later release; nothing to do.\n' : 'The database is up to date.\n',
      );
    } finally {
      await database.close();
    }
  }
}

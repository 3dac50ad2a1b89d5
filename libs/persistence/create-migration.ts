/** `npm run migration:create`: writes the difference between the entities and the last snapshot as a migration. */
import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from './orm.ts';

const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) throw new Error('DATABASE_URL names the database the migration is checked against');
const orm = await MikroORM.init(ormConfig({ databaseUrl }));
const { fileName } = await orm.migrator.create();
console.log(fileName ? `written: ${fileName}` : 'no changes');
await orm.close(true);

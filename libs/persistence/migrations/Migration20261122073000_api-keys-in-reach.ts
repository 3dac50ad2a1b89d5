import { Migration } from '@mikro-orm/migrations';

const listOf = (variable: string) =>
  `organization_id = any (string_to_array(nullif(current_setting('countersign.${variable}', true), ''), ',')::uuid[])`;

/** A partner's administrators make and revoke keys of customers, too; the rules say which. */
export class ApiKeysInReach extends Migration {
  override name = 'Migration20261122073000_api-keys-in-reach';

  override up(): void | Promise<void> {
    this.replacePolicy(listOf('reach'));
  }

  override down(): void | Promise<void> {
    this.replacePolicy(listOf('organizations'));
  }

  private replacePolicy(condition: string): void {
    this.addSql(`drop policy "api_key_tenant" on "api_key";`);
    this.addSql(
      `create policy "api_key_tenant" on "api_key" to "countersign_tenant" using (${condition}) with check (${condition});`,
    );
  }
}

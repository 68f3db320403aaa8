// The rows every installation starts with: one store that sells from one location, the managers' group, and product 0.

import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000600_first_rows extends Migration {
  override up(): void {
    // Product 0 is the mailbox of lines whose SKU nobody knows. It has no stock item, so nothing can be counted on it.
    this.addSql(`insert into stockroom.product (id, sku, name, published) overriding system value
      values (0, '', 'unknown products', false)`);
    this.addSql(
      `insert into stockroom.contact_group (code, name) values ('store-managers', 'Store managers')`,
    );
    this.addSql(`insert into stockroom.setting (scope) values ('global')`);
    this.addSql(`insert into stockroom.location (code, name, kind)
      values ('main-pool', 'Promises of the main store', 'pool'), ('main', 'Main location', 'location')`);
    this.addSql(`insert into stockroom.store (code, name, pool_id)
      select 'main', 'Main store', id from stockroom.location where code = 'main-pool'`);
    this.addSql(`insert into stockroom.store_location (store_id, location_id, priority)
      select s.id, l.id, 1 from stockroom.store s, stockroom.location l where s.code = 'main' and l.code = 'main'`);
  }
}

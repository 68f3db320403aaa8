// Housekeeping of the hot tables. Mailboxes turn over completely every few seconds and levels change with every order;
// with the default of one fifth dead rows their indexes would be mostly dead entries. Thresholds are in rows, cost limits off.

import { Migration } from '@mikro-orm/migrations';

const often = (rows: number) => `autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = ${rows},
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.05`;

export class Migration20261122000500_vacuum extends Migration {
  override up(): void {
    this.addSql(`alter table stockroom.stock_command set (${often(1000)})`);
    this.addSql(`alter table stockroom.stock_level set (${often(1000)})`);
    this.addSql(`alter table stockroom.shop_order set (${often(5000)})`);
    this.addSql(`alter table stockroom.order_line set (${often(5000)})`);
    this.addSql(`alter table stockroom.outcome set (${often(5000)})`);
    this.addSql(`alter table stockroom.notification set (${often(1000)})`);
    this.addSql(`alter table stockroom.stock_hold set (${often(1000)})`);
  }
}

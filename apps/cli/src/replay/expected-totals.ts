// What the file says must come out, asked of Postgres: its own CSV reader and its own arithmetic, none of the code that made the events.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { retailColumns } from './retail-line.ts';

export type ExpectedTotals = {
  invoices: number;
  orders: number;
  lines: number;
  unitsPlaced: number;
  /** Given back before they were shipped. */
  unitsCancelled: number;
  unitsReturned: number;
  unitsShipped: number;
  /** Cancelled in the file without a sale to match. */
  unitsUnmatched: number;
  corrections: number;
  unitsCorrected: number;
  /** On hand at the end, by SKU, without the opening stock. */
  changeBySku: ReadonlyMap<string, number>;
};

const createTable = `create temporary table raw_line (
  row bigint generated always as identity, invoice text, time timestamptz, sku text, description text, quantity int,
  unit_price numeric, customer text, country text)`;

const copyTable = `copy raw_line (${retailColumns.join(', ')}) from stdin with (format csv, header match)`;

/*
 * Matching in closed form. For one customer and SKU let the running balance add sales and take cancellations off. The units without a
 * match so far are how far that balance has been below zero at worst, so a cancellation's matched units are an interval on the line of all
 * matched units; the units of sales are intervals on the same line, earliest first; where two overlap, one came from the other.
 */
const createPairs = `create temporary table pair as
  with named as (
    select row, invoice, trim(sku) as sku, coalesce(trim(customer), '') as customer, quantity,
           min(time) over (partition by invoice) as at, min(row) over (partition by invoice) as first_row from raw_line),
  flow as (
    select *, quantity > 0 as is_sale from named
     where (invoice ~ '^[0-9]' and quantity > 0) or (invoice ~ '^C' and quantity < 0)),
  running as (
    select *, sum(quantity) over w as balance, coalesce(sum(quantity) filter (where is_sale) over w, 0) as sold,
           coalesce(sum(-quantity) filter (where not is_sale) over w, 0) as asked
      from flow where customer <> '' window w as (partition by customer, sku order by at, first_row, row)),
  bounded as (
    select *, asked + least(0, min(balance) over w) as matched_to
      from running window w as (partition by customer, sku order by at, first_row, row)),
  spans as (
    select *, lag(matched_to, 1, 0) over (partition by customer, sku order by at, first_row, row) as matched_from from bounded)
  select s.row as sale_row, c.row as cancel_row, s.sku,
         least(s.sold, c.matched_to) - greatest(s.sold - s.quantity, c.matched_from) as units,
         s.at + make_interval(secs => $1::double precision / 1000) <= c.at as was_shipped
    from spans s join spans c using (customer, sku)
   where s.is_sale and not c.is_sale
     and least(s.sold, c.matched_to) > greatest(s.sold - s.quantity, c.matched_from)`;

const totals = `with sale as (select * from raw_line where invoice ~ '^[0-9]' and quantity > 0),
  correction as (select * from raw_line where invoice ~ '^[0-9]' and quantity < 0),
  cancellation as (select * from raw_line where invoice ~ '^C' and quantity < 0)
  select (select count(distinct invoice) from raw_line)::float8 as invoices,
         (select count(distinct invoice) from sale)::float8 as orders,
         (select count(*) from sale)::float8 as lines,
         (select coalesce(sum(quantity), 0) from sale)::float8 as "unitsPlaced",
         (select coalesce(sum(units), 0) from pair where not was_shipped)::float8 as "unitsCancelled",
         (select coalesce(sum(units), 0) from pair where was_shipped)::float8 as "unitsReturned",
         ((select coalesce(sum(quantity), 0) from sale) - (select coalesce(sum(units), 0) from pair where not was_shipped))::float8 as "unitsShipped",
         ((select coalesce(-sum(quantity), 0) from cancellation) - (select coalesce(sum(units), 0) from pair))::float8 as "unitsUnmatched",
         (select count(*) from correction)::float8 as corrections,
         (select coalesce(sum(quantity), 0) from correction)::float8 as "unitsCorrected"`;

// Sold units leave; cancelled ones never left, and returned ones came back: both stay.
const changes = `select sku, sum(units)::float8 as units from (
    select trim(sku) as sku, case when invoice ~ '^[0-9]' and quantity > 0 then -quantity
                                  when invoice ~ '^[0-9]' then quantity else 0 end as units from raw_line
    union all select sku, units from pair) change group by sku`;

/** @param url any database: only temporary tables are made. @throws pg's error when Postgres cannot read the file as CSV. */
export async function expectedTotals(
  url: string,
  csvPath: string,
  shipAfterMs: number,
): Promise<ExpectedTotals> {
  const client = new pg.Client({ connectionString: url, application_name: 'stockroom replay check' });
  await client.connect();
  try {
    await client.query(createTable);
    await copyIn(client, withoutBom(readFileSync(csvPath)));
    await client.query('analyze raw_line');
    await client.query(createPairs, [shipAfterMs]);
    const { rows } = await client.query<Omit<ExpectedTotals, 'changeBySku'>>(totals);
    const [found] = rows;
    if (found === undefined) throw new Error('a statement of aggregates returned no row');
    const bySku = await client.query<{ sku: string; units: number }>(changes);
    return { ...found, changeBySku: new Map(bySku.rows.map(({ sku, units }) => [sku, units])) };
  } finally {
    await client.end();
  }
}

/** The part of pg's connection that COPY needs; its types leave it out. */
type CopyConnection = { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void };

function copyIn(client: pg.Client, text: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query(copyTable, [], (error: Error | null | undefined) =>
      error ? reject(error) : resolve(),
    );
    Object.assign(query, {
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(text);
        connection.endCopyFrom();
      },
    });
    client.query(query);
  });
}

function withoutBom(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? bytes.subarray(3) : bytes;
}

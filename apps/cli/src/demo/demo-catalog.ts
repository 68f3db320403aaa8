// The made-up catalog of a small tea and kitchen shop, so that a new system has something to sell.
import { units } from '@stockroom/core';
import {
  createContact,
  type Database,
  listContacts,
  listProducts,
  type Seeded,
  type SeedProduct,
  seedCatalog,
} from '@stockroom/db';

export type DemoProduct = {
  sku: string;
  name: string;
  /** Opening stock, and roughly what a delivery brings. */
  onHand: number;
  /** Low-stock mails from here on down. */
  threshold: number;
  /** How often customers choose it, compared with the others. */
  appeal: number;
  backorders?: boolean;
};

const product = (sku: string, name: string, onHand: number, threshold: number, appeal = 1): DemoProduct => ({
  sku,
  name,
  onHand,
  threshold,
  appeal,
});

/** What the first minute needs: one that runs low, one that there is too little of, one that is taken on backorder. */
export const lowSoon = product('TEA-MATCHA-40', 'Ceremonial matcha, 40 g', 12, 10, 2);
export const scarce = product('GIFT-ADVENT-24', 'Advent calendar with 24 teas', 4, 1, 1);
export const onBackorder: DemoProduct = {
  ...product('KETTLE-COPPER-1L', 'Copper kettle, 1 l', 3, 1, 1),
  backorders: true,
};

export const demoProducts: readonly DemoProduct[] = [
  lowSoon,
  scarce,
  onBackorder,
  product('TEA-ASSAM-250', 'Assam, strong and malty, 250 g', 80, 15, 5),
  product('TEA-DARJEELING-100', 'Darjeeling first flush, 100 g', 60, 12, 3),
  product('TEA-EARLGREY-250', 'Earl Grey with bergamot oil, 250 g', 90, 15, 5),
  product('TEA-SENCHA-100', 'Sencha, 100 g', 60, 12, 3),
  product('TEA-GENMAICHA-100', 'Genmaicha with roasted rice, 100 g', 40, 8, 2),
  product('TEA-JASMINE-100', 'Jasmine pearls, 100 g', 35, 8, 2),
  product('TEA-OOLONG-100', 'Oolong, lightly oxidised, 100 g', 30, 8),
  product('TEA-PUERH-357', 'Pu-erh cake, 357 g', 15, 4),
  product('TEA-LAPSANG-100', 'Lapsang souchong, smoked, 100 g', 25, 6),
  product('TEA-CHAI-250', 'Masala chai, 250 g', 70, 12, 4),
  product('TEA-ROOIBOS-250', 'Rooibos, 250 g', 65, 12, 3),
  product('TEA-MINT-50', 'Peppermint leaves, 50 g', 75, 12, 3),
  product('TEA-CHAMOMILE-50', 'Chamomile flowers, 50 g', 60, 10, 2),
  product('TEA-HIBISCUS-100', 'Hibiscus flowers, 100 g', 40, 8),
  product('TEA-GINGER-100', 'Ginger and lemon, 100 g', 55, 10, 2),
  product('COFFEE-ESPRESSO-500', 'Espresso beans, 500 g', 50, 10, 3),
  product('COFFEE-FILTER-500', 'Filter coffee beans, 500 g', 45, 10, 2),
  product('HONEY-LIME-500', 'Lime blossom honey, 500 g', 30, 8, 2),
  product('SUGAR-ROCK-400', 'Rock sugar on sticks, 400 g', 30, 6),
  product('BISCUIT-SHORT-200', 'Shortbread, 200 g', 60, 12, 3),
  product('CHOCOLATE-70-100', 'Dark chocolate 70 %, 100 g', 80, 15, 3),
  product('MUG-SPECKLED-350', 'Speckled stoneware mug, 350 ml', 48, 8, 3),
  product('MUG-ENAMEL-400', 'Enamel mug, 400 ml', 36, 8, 2),
  product('CUP-GLASS-2', 'Double-walled glasses, set of 2', 24, 6, 2),
  product('POT-CAST-800', 'Cast iron teapot, 0.8 l', 10, 3),
  product('POT-GLASS-1200', 'Glass teapot with strainer, 1.2 l', 18, 4),
  product('POT-CLAY-150', 'Yixing clay pot, 150 ml', 8, 2),
  product('KETTLE-GOOSE-600', 'Gooseneck kettle, 0.6 l', 12, 3),
  product('KETTLE-STEEL-1500', 'Steel kettle, 1.5 l', 20, 4),
  product('STRAINER-FINE', 'Fine tea strainer', 45, 8, 2),
  product('INFUSER-BASKET', 'Basket infuser', 40, 8, 2),
  product('FILTER-PAPER-100', 'Paper tea filters, 100 pieces', 90, 20, 3),
  product('WHISK-BAMBOO', 'Bamboo matcha whisk', 16, 4),
  product('TIN-TEA-250', 'Tea tin for 250 g', 50, 10, 2),
  product('SCALE-01', 'Scale, 0.1 g steps', 10, 3),
  product('TIMER-SAND-3', 'Sand timer, 3 minutes', 22, 5),
  product('BOOK-TEA-ATLAS', 'The tea atlas', 14, 3),
];

const managers = [
  { email: 'mara@teahouse.example', name: 'Mara, store manager' },
  { email: 'jon@teahouse.example', name: 'Jon, purchasing' },
];

/** Creates what is missing; a repeat changes nothing. */
export async function seedDemoCatalog(db: Database): Promise<Seeded> {
  const seeded = await seedCatalog(db, { products: demoProducts.map(seedProduct), actor: 'stockroom seed' });
  const known = new Set((await listContacts(db, { group: 'store-managers' })).map(({ email }) => email));
  for (const manager of managers) {
    if (!known.has(manager.email)) await createContact(db, { group: 'store-managers', ...manager });
  }
  return seeded;
}

function seedProduct({ sku, name, onHand, threshold, backorders }: DemoProduct): SeedProduct {
  return {
    sku,
    name,
    onHand: units(onHand),
    settings: {
      'notify.threshold': threshold,
      ...(backorders ? { 'backorder.mode': 'allow_notify', 'backorder.limit': 30 } : {}),
    },
  };
}

/** Many products that differ only by their number, for tests of size. */
export function* generatedProducts(count: number): Generator<SeedProduct> {
  const digits = String(count).length;
  for (let n = 1; n <= count; n += 1) {
    const number = String(n).padStart(digits, '0');
    yield {
      sku: `P-${number}`,
      name: `Product ${number}`,
      onHand: units(1_000),
      settings: { 'notify.threshold': 20 },
    };
  }
}

/** Whether nobody has put a product in yet. */
export async function isCatalogEmpty(db: Database): Promise<boolean> {
  return (await listProducts(db.read, { limit: 1 })).rows.length === 0;
}

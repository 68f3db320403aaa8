// Everything the API can do, by noun. The client package knows this file as a type.

import { availability } from './procedures/availability.ts';
import { notifications, parked, refused } from './procedures/exceptions.ts';
import { ledger } from './procedures/ledger.ts';
import { orders } from './procedures/orders.ts';
import { products } from './procedures/products.ts';
import { queues } from './procedures/queues.ts';
import { stock } from './procedures/stock.ts';
import { system } from './procedures/system.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  orders,
  stock,
  ledger,
  availability,
  products,
  queues,
  parked,
  refused,
  notifications,
  system,
});

export type AppRouter = typeof appRouter;

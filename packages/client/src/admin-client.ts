// The typed client of the API, for admin tools and services that talk HTTP.

import type { AppRouter } from '@stockroom/api/router';
import type { OrderEventInput, Outcome } from '@stockroom/contracts';
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import { ClientError } from './client-error.ts';
import { validOrderEvent } from './valid-event.ts';

export interface AdminClientOptions {
  /** Where the API is, `http://localhost:3000`; with or without `/trpc`. */
  readonly url: string;
  /** An API key, `sk_...`. */
  readonly key: string;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export interface PlaceOrderOptions {
  /** Longest wait for the outcome in milliseconds, default 10,000, at most 30,000. */
  readonly timeoutMs?: number;
}

export interface AdminClient extends TRPCClient<AppRouter> {
  /**
   * Sends one order event and waits for its outcome. Send the same event again after any failure: it has one effect.
   * @returns what was decided; an order the rules reject is an outcome with status `rejected`, not an error.
   * @throws ClientError `invalid_input` before anything is sent, the refusal's code when the event was refused, and
   * `outcome_pending` when it is accepted and not settled yet. @throws TRPCClientError when the API could not be asked.
   */
  placeOrder(event: OrderEventInput, options?: PlaceOrderOptions): Promise<Outcome>;
}

/** Batches what is called in the same instant into one request, at most 20 calls. */
export function createAdminClient(options: AdminClientOptions): AdminClient {
  const { fetch: ownFetch } = options;
  const base = options.url.replace(/\/+$/, '').replace(/\/trpc$/, '');
  const client = createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${base}/trpc`,
        maxItems: 20,
        maxURLLength: 4_000,
        headers: { authorization: `Bearer ${options.key}` },
        ...(ownFetch === undefined
          ? {}
          : { fetch: (url, init) => ownFetch(url as string | URL | Request, init as RequestInit) }),
      }),
    ],
  });
  async function placeOrder(
    event: OrderEventInput,
    { timeoutMs = 10_000 }: PlaceOrderOptions = {},
  ): Promise<Outcome> {
    validOrderEvent(event);
    const { acceptance, outcome } = await client.orders.submit.mutate({ event, wait: true, timeoutMs });
    if (acceptance.status === 'refused') {
      throw new ClientError(acceptance.code, acceptance.message, acceptance.field);
    }
    if (outcome !== null) return outcome;
    throw new ClientError(
      'outcome_pending',
      `event "${event.id}" is accepted and not settled after ${timeoutMs} ms; ask orders.outcome later`,
    );
  }
  return withPlaceOrder(client, placeOrder);
}

/** The client is a proxy that answers to every name, so the helper is laid over it by another proxy. */
function withPlaceOrder(client: TRPCClient<AppRouter>, placeOrder: AdminClient['placeOrder']): AdminClient {
  return new Proxy(client as AdminClient, {
    get: (target, name) =>
      name === 'placeOrder' ? placeOrder : (target as unknown as Record<PropertyKey, unknown>)[name],
  });
}

// Turns the data of a mail into what its templates may name: the data itself and a few words that depend on it.
import type { MailData, MailTemplateName } from '@stockroom/contracts';

export type ViewOptions = { shopName: string; baseUrl: string | undefined };

/** What every layout names, besides the mail's own fields. */
export type Frame = { brand: string; accent: string; footer: string; link: string | null };
export type View = Frame & Record<string, unknown>;

const AMBER = '#b45309';
const RED = '#b42318';
const GREEN = '#15803d';
const BLUE = '#1d4ed8';

type ViewOf = { [Name in MailTemplateName]: (data: MailData<Name>, options: ViewOptions) => View };

const VIEWS: ViewOf = {
  'low-stock': (data, options) => ({
    ...data,
    ...forManagers(data, options, AMBER),
    left: data.basis === 'salable' ? data.salable : data.onHand,
    leftWords: data.basis === 'salable' ? 'left to sell' : 'on hand',
  }),
  'out-of-stock': (data, options) => ({
    ...data,
    ...forManagers(data, options, data.state === 'backorder' ? AMBER : RED),
    isBackorder: data.state === 'backorder',
    isDiscontinued: data.state === 'discontinued',
  }),
  'back-in-stock': (data, options) => ({ ...data, ...forManagers(data, options, GREEN) }),
  'backorder-notice': (data, options) => ({ ...data, ...forCustomer(data, options, BLUE) }),
  'backorder-filled': (data, options) => ({
    ...data,
    ...forCustomer(data, options, GREEN),
    someStillWait: data.lines.some((line) => line.stillWaiting > 0),
  }),
};

export function buildView<Name extends MailTemplateName>(
  template: Name,
  data: MailData<Name>,
  options: ViewOptions,
): View {
  return VIEWS[template](data, options);
}

function forManagers(
  { adminUrl, storeName }: { adminUrl: string | null; storeName: string },
  { shopName, baseUrl }: ViewOptions,
  accent: string,
): Frame {
  return {
    brand: shopName,
    accent,
    footer: `You get this mail because you look after the stock of ${storeName}. It was sent by ${shopName}; the numbers are those of the moment it describes.`,
    link: resolveLink(adminUrl, baseUrl),
  };
}

function forCustomer(
  {
    orderUrl,
    orderReference,
    storeName,
  }: { orderUrl: string | null; orderReference: string; storeName: string },
  { baseUrl }: ViewOptions,
  accent: string,
): Frame {
  return {
    brand: storeName,
    accent,
    footer: `You get this mail because of your order ${orderReference} at ${storeName}.`,
    link: resolveLink(orderUrl, baseUrl),
  };
}

// A path without a base leads nowhere, so the mail goes without the link.
function resolveLink(link: string | null, baseUrl: string | undefined): string | null {
  if (link === null) return null;
  if (/^https?:\/\//.test(link)) return link;
  return baseUrl === undefined ? null : `${baseUrl.replace(/\/+$/, '')}${link}`;
}

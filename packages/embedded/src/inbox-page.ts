// The HTTP side of the inbox: a page to read mail in, and the same as JSON.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InboxMessage, MessageList } from './inbox-message.ts';

export type InboxPage = { port: number; close(): Promise<void> };

const FILES: Record<string, { name: string; type: string }> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/inbox.css': { name: 'inbox.css', type: 'text/css; charset=utf-8' },
  '/inbox.js': { name: 'inbox.js', type: 'text/javascript; charset=utf-8' },
};

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:";
// A mail may style itself and nothing more: no script, no request to anywhere.
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Serves `GET /`, `GET /messages?to=&subject=&limit=`, `GET /messages/:id`, `GET /messages/:id/html` and `DELETE /messages`. */
export async function openInboxPage(options: {
  host: string;
  port: number;
  messages: MessageList;
}): Promise<InboxPage> {
  const server = createServer((request, response) => {
    answer(options.messages, request, response).catch(() => {
      if (!response.headersSent) sendJson(response, 500, { error: 'The inbox could not answer.' });
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

async function answer(
  messages: MessageList,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://inbox');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  if (request.method === 'DELETE' && url.pathname === '/messages') {
    messages.clear();
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD, DELETE');
    sendJson(response, 405, { error: `${request.method} is not offered here.` });
    return;
  }
  const file = FILES[url.pathname];
  if (file !== undefined) {
    response.writeHead(200, { 'content-type': file.type, 'content-security-policy': PAGE_POLICY });
    response.end(await readFile(new URL(`../inbox-page/${file.name}`, import.meta.url)));
    return;
  }
  if (url.pathname === '/messages') {
    sendList(messages, url.searchParams, request, response);
    return;
  }
  const [, id, asHtml] = /^\/messages\/(\d{1,15})(\/html)?$/.exec(url.pathname) ?? [];
  const message = id === undefined ? undefined : messages.find(Number(id));
  if (message === undefined)
    sendJson(response, 404, { error: `Nothing at ${url.pathname}; the list is at /messages.` });
  else if (asHtml === undefined) sendJson(response, 200, message);
  else sendMail(response, message);
}

function sendList(
  messages: MessageList,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const etag = `"${messages.revision}"`;
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const limit =
    Math.max(0, Math.trunc(Number(query.get('limit') ?? Number.POSITIVE_INFINITY))) ||
    Number.POSITIVE_INFINITY;
  const found = messages.list({
    to: query.get('to') ?? undefined,
    subject: query.get('subject') ?? undefined,
  });
  const newest = found.slice(-limit).reverse();
  sendJson(response, 200, newest.map(({ html: _html, headers: _headers, ...summary }) => summary)); // biome-ignore format: one thought
}

function sendMail(response: ServerResponse, message: InboxMessage): void {
  const body =
    message.html === ''
      ? `<pre style="font:14px/1.5 monospace;white-space:pre-wrap">${escapeHtml(message.text)}</pre>`
      : openLinksOutside(message.html);
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': MAIL_POLICY,
  });
  response.end(body);
}

// The frame may not leave the mail, so a link in it opens a page of its own.
function openLinksOutside(html: string): string {
  return html.replace(/<head\b[^>]*>/i, (head) => `${head}<base target="_blank">`);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

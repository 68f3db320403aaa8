// The inbox page: polls the list, shows the chosen message; every text goes in as text, never as markup.
const POLL_MS = 2000;
const LIST_MAX = 200;

const byId = (id) => document.getElementById(id);
const [list, pane, count, state, filter, empty, clear] = [
  'list',
  'pane',
  'count',
  'state',
  'filter',
  'empty',
  'clear',
].map(byId);

let messages = [];
let etag = '';
let chosen;
let view = 'html';
const read = new Set();

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function ago(time) {
  const date = new Date(time);
  const sameDay = date.toDateString() === new Date().toDateString();
  return sameDay ? date.toLocaleTimeString() : date.toLocaleString();
}

function isWanted(message) {
  const words = filter.value.trim().toLowerCase();
  return [message.subject, message.from, ...message.to].some((text) => text.toLowerCase().includes(words));
}

function showList() {
  const wanted = messages.filter(isWanted);
  const focused = document.activeElement?.closest?.('.list a')?.hash;
  list.replaceChildren(
    ...wanted.map((message) => {
      const link = element(
        'a',
        { href: `#${message.id}` },
        element('span', {
          className: read.has(message.id) ? 'subject' : 'subject unread',
          textContent: message.subject || '(no subject)',
        }),
        element('span', { className: 'quiet', textContent: ago(message.receivedAt) }),
        element('span', { className: 'quiet', textContent: `to ${message.to.join(', ')}` }),
      );
      link.setAttribute('aria-current', String(message.id === chosen));
      return element('li', {}, link);
    }),
  );
  if (focused) list.querySelector(`a[href="${focused}"]`)?.focus({ preventScroll: true });
  count.hidden = messages.length === 0;
  count.textContent = messages.length >= LIST_MAX ? `${LIST_MAX}+` : String(messages.length);
  clear.disabled = messages.length === 0;
  empty.hidden = wanted.length > 0;
  empty.textContent =
    messages.length === 0
      ? 'No mail yet. It appears here by itself as soon as some arrives.'
      : 'No message matches the filter.';
}

function showPlaceholder(text) {
  pane.replaceChildren(element('p', { className: 'empty', textContent: text }));
}

function bodyOf(message) {
  if (view === 'html' && message.html) {
    const frame = element('iframe', {
      src: `/messages/${message.id}/html`,
      title: `Mail: ${message.subject}`,
    });
    frame.setAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox');
    return frame;
  }
  if (view === 'headers') {
    const lines = Object.entries(message.headers).map(([name, value]) => `${name}: ${value}`);
    return element('pre', { textContent: lines.join('\n') });
  }
  return element('pre', { textContent: message.text });
}

function showMessage(message) {
  const facts = [
    ['From', message.from],
    ['To', message.to.join(', ')],
    ['Received', new Date(message.receivedAt).toLocaleString()],
    ['Message-ID', message.messageId],
  ].flatMap(([name, value]) => [element('dt', { textContent: name }), element('dd', { textContent: value })]);
  const views = [
    ['html', 'HTML'],
    ['text', 'Text'],
    ['headers', 'Headers'],
  ].map(([name, label]) => {
    const button = element('button', { type: 'button', textContent: label });
    button.setAttribute('aria-pressed', String(view === name));
    button.disabled = name === 'html' && !message.html;
    button.addEventListener('click', () => {
      view = name;
      showMessage(message);
    });
    return button;
  });
  pane.replaceChildren(
    element(
      'header',
      { className: 'head' },
      element('h2', { textContent: message.subject || '(no subject)' }),
      element('dl', {}, ...facts),
      element('div', { className: 'views' }, ...views),
    ),
    bodyOf(message),
  );
}

async function open(id) {
  if (!Number.isInteger(id) || id <= 0) return;
  chosen = id;
  read.add(id);
  showList();
  const response = await fetch(`/messages/${id}`);
  if (chosen !== id) return;
  if (response.ok) showMessage(await response.json());
  else showPlaceholder('This message is no longer kept.');
}

async function poll() {
  try {
    const response = await fetch(`/messages?limit=${LIST_MAX}`, {
      headers: etag ? { 'if-none-match': etag } : {},
    });
    if (response.status === 200) {
      messages = await response.json();
      etag = response.headers.get('etag') ?? '';
      showList();
      if (chosen === undefined && messages.length > 0) await open(messages[0].id);
    }
    state.textContent = 'Live';
    state.classList.remove('lost');
  } catch {
    state.textContent = 'Not reachable, trying again…';
    state.classList.add('lost');
    etag = '';
  }
  setTimeout(poll, POLL_MS);
}

filter.addEventListener('input', showList);
clear.addEventListener('click', async () => {
  await fetch('/messages', { method: 'DELETE' });
  messages = [];
  chosen = undefined;
  history.replaceState(null, '', '/');
  showList();
  showPlaceholder('Choose a message to read it.');
});
window.addEventListener('hashchange', () => open(Number(location.hash.slice(1))));

if (location.hash) void open(Number(location.hash.slice(1)));
void poll();

// Loads and compiles the template files, once per renderer.
import { readdirSync, readFileSync } from 'node:fs';
import { type MailTemplateName, mailTemplates } from '@stockroom/contracts';
import Handlebars from 'handlebars';
import { describeCause, sayDay, sayQuantity, sayTime } from './words.ts';

const FOLDER = new URL('../templates/', import.meta.url);
const HELPERS = { quantity: sayQuantity, when: sayTime, day: sayDay, describeCause } as const;

type Template = (view: object) => string;
export type MailParts = { subject: Template; preheader: Template; html: Template; text: Template };
export type Templates = {
  mails: Record<MailTemplateName, MailParts>;
  htmlLayout: Template;
  textLayout: Template;
};

/** Every template, ready to render. A field or helper that a template names and nobody gives makes rendering throw. */
export function loadTemplates(): Templates {
  const handlebars = Handlebars.create();
  for (const [name, helper] of Object.entries(HELPERS)) handlebars.registerHelper(name, helper);
  for (const file of readdirSync(new URL('partials/', FOLDER))) {
    if (!file.startsWith('layout.'))
      handlebars.registerPartial(file.replace(/\.hbs$/, ''), read(`partials/${file}`));
  }

  function compile(file: string, { html }: { html: boolean }): Template {
    const template = handlebars.compile(read(file), {
      strict: true,
      noEscape: !html,
      knownHelpersOnly: true,
      knownHelpers: Object.fromEntries(Object.keys(HELPERS).map((name) => [name, true])),
      preventIndent: true,
    });
    return (view) =>
      template(view, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
  }

  const mails = Object.fromEntries(
    mailTemplates.map((name): [MailTemplateName, MailParts] => [
      name,
      {
        subject: compile(`${name}/subject.hbs`, { html: false }),
        preheader: compile(`${name}/preheader.hbs`, { html: false }),
        html: compile(`${name}/html.hbs`, { html: true }),
        text: compile(`${name}/text.hbs`, { html: false }),
      },
    ]),
  ) as Record<MailTemplateName, MailParts>;
  return {
    mails,
    htmlLayout: compile('partials/layout.html.hbs', { html: true }),
    textLayout: compile('partials/layout.text.hbs', { html: false }),
  };
}

/** HTML that a template of ours has made already: the layout takes it as it is. */
export function asMarkup(html: string): Handlebars.SafeString {
  return new Handlebars.SafeString(html);
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

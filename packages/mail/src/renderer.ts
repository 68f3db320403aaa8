// Renders a mail: its data in, subject, HTML and text out.
import { EngineError, type MailDataInput, type MailTemplateName, mailData } from '@stockroom/contracts';
import { cleanText, cleanTexts } from './clean-text.ts';
import { asMarkup, loadTemplates } from './templates.ts';
import { buildView } from './view.ts';

export type RendererOptions = {
  /** Where paths in `adminUrl` and `orderUrl` begin; without it mails carry no link for a path. */
  baseUrl?: string;
  /** The name at the top of mails to the team (default `Stockroom`); mails to customers carry the store's name. */
  shopName?: string;
};

export type RenderedMail = { subject: string; html: string; text: string };

export type Renderer = {
  /** `data` may come from anywhere (a stored row): it is checked against the contract of `template`. The same input renders the same mail. */
  render<Name extends MailTemplateName>(mail: { template: Name; data: MailDataInput<Name> }): RenderedMail;
  render(mail: { template: string; data: unknown }): RenderedMail;
};

const SUBJECT_MAX = 250;

/**
 * Compiles all templates once; keep the renderer for the life of the process.
 * `render` throws EngineError `template_error` (retry `never`) for an unknown template or data that miss or mistype a field.
 */
export function createRenderer({ baseUrl, shopName = 'Stockroom' }: RendererOptions = {}): Renderer {
  const templates = loadTemplates();

  return {
    render({ template, data }: { template: string; data: unknown }): RenderedMail {
      if (!isTemplate(template)) {
        throw templateError(
          `There is no mail template ${JSON.stringify(template)}; known: ${Object.keys(mailData).join(', ')}.`,
        );
      }
      const view = buildView(template, checkData(template, data), { shopName: cleanText(shopName), baseUrl });
      const parts = templates.mails[template];
      try {
        const subject = shorten(cleanText(parts.subject(view)));
        const preheader = cleanText(parts.preheader(view));
        return {
          subject,
          html: templates.htmlLayout({ ...view, subject, preheader, body: asMarkup(parts.html(view)) }),
          text: templates.textLayout({ ...view, body: parts.text(view) }),
        };
      } catch (cause) {
        throw templateError(`Mail ${template} cannot be rendered: ${(cause as Error).message}`, cause);
      }
    },
  };
}

function isTemplate(name: string): name is MailTemplateName {
  return Object.hasOwn(mailData, name);
}

function checkData(template: MailTemplateName, data: unknown) {
  const parsed = mailData[template].safeParse(cleanTexts(data));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'data'}: ${message}`);
  throw templateError(`Mail ${template} lacks what it must show: ${problems.join('; ')}.`, parsed.error);
}

function shorten(subject: string): string {
  const characters = [...subject];
  return characters.length <= SUBJECT_MAX ? subject : `${characters.slice(0, SUBJECT_MAX - 1).join('')}…`;
}

function templateError(message: string, cause?: unknown): EngineError {
  return new EngineError('template_error', message, { retry: 'never', cause });
}

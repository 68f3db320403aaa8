// What other packages may use: rendering mails and sending them.
export { MailError, type MailErrorCode, type MailErrorKind } from './mail-error.ts';
export { createMailer, type Mailer, type MailerOptions, type OutgoingMail } from './mailer.ts';
export { createRenderer, type RenderedMail, type Renderer, type RendererOptions } from './renderer.ts';

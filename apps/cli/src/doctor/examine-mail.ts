// What the doctor asks the mail server: whether it answers and knows us.
import { createMailer } from '@stockroom/mail';
import type { CliEnv } from '../env.ts';
import type { Finding } from './examine.ts';

export async function examineMail(env: CliEnv, runningSmtpUrl: string | undefined): Promise<Finding> {
  const subject = 'mail server';
  const url = env.smtpUrl ?? runningSmtpUrl;
  if (url === undefined) {
    return {
      subject,
      state: 'note',
      found: 'SMTP_URL is not set',
      todo: 'mails of "stockroom up" go to its own inbox; set SMTP_URL to send them out',
    };
  }
  const mailer = createMailer({ url, from: env.mailFrom });
  const { host } = new URL(url);
  try {
    await mailer.verify();
    return {
      subject,
      state: 'good',
      found: `${host} answers${new URL(url).username === '' ? '' : ' and takes the login'}`,
    };
  } catch (error) {
    return {
      subject,
      state: 'bad',
      found: `${host}: ${error instanceof Error ? error.message : String(error)}`,
      todo: 'check host, port, user and password of SMTP_URL; mails wait meanwhile',
      isWorld: true,
    };
  } finally {
    await mailer.close();
  }
}

// Role `mail`: sends the mails that are due, puts off what failed for now, and stops when the server refuses our login.
import { deliverMail, deliveryLimits } from '@stockroom/engine';
import { createMailer, createRenderer } from '@stockroom/mail';
import { createOps, type Job, QUEUES } from '@stockroom/queues';
import { closedWithin } from '../closed-within.ts';
import { lockOptions, type RoleParts, type RunningRole, type SmtpOptions } from '../worker-options.ts';

type MailJob = { notificationId: number };

/** @throws TypeError when the SMTP URL cannot be read. */
export function startMail(parts: RoleParts, smtp: SmtpOptions): RunningRole {
  const { db, queues, metrics, log, tuning } = parts;
  const concurrency = tuning.mailConcurrency ?? 5;
  const mailer = createMailer({ url: smtp.url, from: smtp.from, pool: { maxConnections: concurrency } });
  const renderer = createRenderer(smtp.publicUrl === undefined ? {} : { baseUrl: smtp.publicUrl });
  const limits = tuning.mailLimits ?? deliveryLimits;
  const ops = createOps(queues);

  async function send(job: Job<MailJob>): Promise<{ delivery: string }> {
    const { notificationId } = job.data;
    const { delivery, retryInMs, error } = await deliverMail(
      { db, renderer, mailer, limits },
      notificationId,
    );
    metrics.mails.inc({ delivery });
    if (delivery === 'auth_failed') {
      log.error(
        { alarm: 'smtp_auth_failed', error },
        'queue mail is paused: correct the SMTP login, then resume it',
      );
      await ops.pause(QUEUES.mail);
    } else if (delivery === 'dead') {
      log.error({ notificationId, error }, 'mail given up');
    } else if (delivery === 'postponed' && retryInMs !== null) {
      log.warn({ notificationId, retryInMs: Math.round(retryInMs), error }, 'mail put off');
      // A job of its own, which this one's deduplication does not hold back. Should it be lost, the sweep finds the mail.
      await queues.add(QUEUES.mail, {
        name: 'send',
        data: job.data,
        options: { delay: Math.ceil(retryInMs) },
      });
    }
    return { delivery };
  }

  const worker = queues.worker<MailJob>(QUEUES.mail, send, { concurrency, ...lockOptions(tuning) });
  return {
    ready: () => worker.ready(),
    async close(timeLeftMs) {
      const { drained } = await worker.close({ timeoutMs: timeLeftMs() });
      return (await closedWithin(mailer.close(), timeLeftMs())) && drained;
    },
  };
}

// Sends a notification when a person chose to: intent, effect, outcome (law 2). What may have arrived is never sent again by itself (law 3).
import type { StepOf } from '../runbook/schema.ts';
import type { Progress } from './collect.ts';
import type { EntryOf, Frame } from './frame.ts';
import { visitOf } from './frame.ts';
import { maySend, noticeIn } from './notice.ts';
import { record, type Run } from './run.ts';

/** Sends the step's text, in the case's language. Done ends the step; anything else is a person's again. */
export async function performSend(run: Run, frame: Frame, step: StepOf<'notify'>): Promise<Progress> {
  const { messenger, signal } = run.ports;
  const visit = visitOf(frame);
  const { message: open } = frame.work;
  const message = open?.message ?? `${frame.path === '' ? '' : `${frame.path}/`}${step.id}#${visit}.${frame.work.sendings + 1}`;
  const finished = (sent: Pick<EntryOf<'message.finished'>, 'result' | 'code' | 'detail'>): EntryOf<'message.finished'> =>
    ({ type: 'message.finished', step: step.id, visit, message, ...sent }) as EntryOf<'message.finished'>;
  if (open) {
    await record(run, frame, finished({ result: 'unknown', code: 'E_INTERRUPTED', detail: 'The process ended before an answer came.' }));
    return { kind: 'pending' };
  }
  // By construction: where nothing may be sent, there is nothing to send with.
  if (messenger === undefined || !maySend(run.state.opened)) {
    await record(run, frame, finished({ result: 'failed', code: 'E_GUARD', detail: 'Nothing is sent here.' }));
    return { kind: 'pending' };
  }
  const text = noticeIn(run.state, frame, step).message[run.state.opened.lang === 'zh' ? 'zh' : 'en'];
  await record(run, frame, { type: 'message.intended', step: step.id, visit, message, to: messenger.to, text });
  const sent = await messenger.send(text, signal);
  await record(run, frame, finished(sent));
  if (sent.result !== 'done') return { kind: 'pending' };
  await record(run, frame, { type: 'step.finished', step: step.id, visit, outcome: 'done' });
  return { kind: 'moved' };
}

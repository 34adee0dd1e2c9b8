// What people decided, told, left out and learned: answers, skips, waivers, failures, notifications, inputs, lessons. Pure.
import { noticeOf } from '../engine/notice.ts';
import type { Organisation } from '../engine/organisation.ts';
import type { Json, Text } from '../text.ts';
import type { Answered, Reading } from './read.ts';
import type { ActionItem, DecisionRow, FailureRow, InputRow, Lesson, NotificationRow, SkipRow, WaiverRow } from './rows.ts';
import { say, textOf } from './values.ts';

const decisive = ['approve', 'decide', 'failed', 'in-doubt', 'watch'];

/** Every decision a person made, declined lists and jumps among them. */
export function decisionsOf(reading: Reading): readonly DecisionRow[] {
  const answered = reading.answers.filter(({ entry }) => decisive.includes(entry.kind)).map((answer) => decision(reading, answer));
  const ways = reading.entries.flatMap((entry): DecisionRow[] => {
    const base = { seq: entry.seq, at: entry.at, declined: false, others: [], via: '' };
    if (entry.type === 'step.jumped') {
      const [from, to] = [entry.from, entry.to].map((step) => (entry.frame === undefined ? step : `${entry.frame}/${step}`)) as [string, string];
      return [{ ...base, step: from, title: reading.titleAt(from), kind: 'jump', value: to, label: reading.titleAt(to), by: entry.by, reason: entry.reason }];
    }
    const path = (id: string): string => (entry.frame === undefined ? id : `${entry.frame}/${id}`);
    if (entry.type === 'approval.seconded') {
      const label = say(`${entry.second}, second person (${howSeconded[entry.how].en})`, `${entry.second}，第二人（${howSeconded[entry.how].zh}）`);
      return [{ ...base, step: path(entry.step), title: reading.titleAt(path(entry.step)), kind: 'second', value: entry.how, label, by: entry.by }];
    }
    if (entry.type === 'approval.waived') {
      const label = say(`the second person waived, counting from ${entry.maturesAt}`, `豁免第二人，自 ${entry.maturesAt} 起生效`);
      const reason = [entry.reason, ...entry.tried].join('; ');
      return [{ ...base, step: path(entry.step), title: reading.titleAt(path(entry.step)), kind: 'second', value: 'waived', label, by: entry.by, reason }];
    }
    if (entry.type === 'case.closed' && entry.outcome === 'aborted') {
      return [
        {
          ...base,
          step: '',
          title: say('The whole case', '整个案件'),
          kind: 'abort',
          value: 'aborted',
          by: entry.by,
          ...(entry.reason === undefined ? {} : { reason: entry.reason }),
        },
      ];
    }
    return [];
  });
  return [...answered, ...ways].toSorted((a, b) => a.seq - b.seq);
}

const howSeconded = {
  typed: say('typed it under their own name, as claimed', '以自己的名义输入，按其自称'),
  named: say('named by the one who answered, as claimed', '由回答者指明，按其所称'),
  signed: say('signed with a key of the roster', '用名单中的密钥签名'),
} as const;

function decision(reading: Reading, { entry, path, visit, askedAt }: Answered): DecisionRow {
  const { seq, at, kind, value, by, via } = entry;
  const step = visit?.step;
  const choices = step?.kind === 'decide' && kind === 'decide' ? step.choices : {};
  const label = choices[value]?.label;
  return {
    seq,
    at,
    step: path,
    title: visit?.title ?? reading.titleAt(path),
    kind,
    value,
    ...(label === undefined ? {} : { label }),
    declined: kind === 'approve' && value === 'no',
    others: Object.entries(choices).flatMap(([name, choice]) => (name === value ? [] : [choice.label])),
    by,
    via,
    seconds: Math.max(0, Math.round((Date.parse(at) - Date.parse(askedAt)) / 1000)),
  };
}

/** Steps and jobs left out, or given up, with the reason given. */
export function skipsOf(reading: Reading): readonly SkipRow[] {
  const steps = reading.visits.flatMap(({ path, title, finished }): SkipRow[] => {
    if (!finished || (finished.outcome !== 'skipped' && finished.by === undefined)) return [];
    return [{ seq: finished.seq, at: finished.at, what: 'step', step: path, title, outcome: finished.outcome, by: finished.by ?? '', reason: finished.reason ?? '' }];
  });
  const jobs = reading.jobs.flatMap(({ path, visit, finished }): SkipRow[] => {
    if (finished?.by === undefined) return [];
    return [
      {
        seq: finished.seq,
        at: finished.at,
        what: 'job',
        step: path,
        title: visit?.title ?? reading.titleAt(path),
        outcome: finished.outcome,
        by: finished.by,
        reason: finished.reason ?? '',
      },
    ];
  });
  return [...steps, ...jobs].toSorted((a, b) => a.seq - b.seq);
}

export function waiversOf(reading: Reading): readonly WaiverRow[] {
  return reading.entries.flatMap((entry): WaiverRow[] => {
    if (entry.type !== 'waiver.given') return [];
    const { seq, at, step, target, reason, by, second, frame } = entry;
    return [
      { seq, at, step: frame === undefined ? step : `${frame}/${step}`, reason, by, ...(target === undefined ? {} : { target }), ...(second === undefined ? {} : { second }) },
    ];
  });
}

/** What did not work, and what came of it. */
export function failuresOf(reading: Reading): readonly FailureRow[] {
  const rows: FailureRow[] = [];
  for (const entry of reading.entries) {
    const path = (id: string): string => (entry.frame === undefined ? id : `${entry.frame}/${id}`);
    if (entry.type === 'step.failed') {
      const step = path(entry.step);
      rows.push({
        seq: entry.seq,
        at: entry.at,
        what: 'step',
        step,
        title: reading.titleAt(step),
        code: entry.code,
        message: textOf(entry.message),
        targets: entry.targets ?? [],
        next: after(reading, step, entry.seq),
      });
    }
    if (entry.type === 'job.failed') {
      const step = path(entry.job);
      rows.push({
        seq: entry.seq,
        at: entry.at,
        what: 'job',
        step,
        title: reading.titleAt(step),
        code: entry.code,
        message: textOf(entry.message),
        targets: [],
        next: after(reading, step, entry.seq),
      });
    }
  }
  for (const { path, visit, intended, finished } of reading.calls) {
    if (finished && !['done', 'already'].includes(finished.result)) {
      const message = finished.message ?? '';
      rows.push({
        seq: finished.seq,
        at: finished.at,
        what: 'call',
        step: path,
        title: visit?.title ?? reading.titleAt(path),
        code: finished.code ?? finished.result,
        message: { en: message, zh: message },
        targets: intended.targets,
        next: after(reading, path, finished.seq),
      });
    }
  }
  return rows.toSorted((a, b) => a.seq - b.seq);
}

/** What followed a failure: the next word on that step. */
function after(reading: Reading, path: string, seq: number): Text {
  const local = path.slice(path.lastIndexOf('/') + 1);
  for (let next = seq + 1; next < reading.entries.length; next += 1) {
    const entry = reading.entries[next];
    if (entry === undefined) break;
    if (entry.type === 'step.retried' && entry.step === local) return say(`tried again by ${entry.by}`, `${entry.by} 重试`);
    if (entry.type === 'job.retried' && entry.job === local) return say(`tried again by ${entry.by}`, `${entry.by} 重试`);
    if (entry.type === 'waiver.given' && entry.step === local) return say(`waived by ${entry.by}`, `${entry.by} 豁免`);
    if (entry.type === 'answer.given' && entry.step === local && entry.value === 'by-hand') return say(`done by hand by ${entry.by}`, `${entry.by} 改为手工`);
    if (entry.type === 'step.finished' && entry.step === local) return say(`the step ended as "${entry.outcome}"`, `该步骤以 “${entry.outcome}” 结束`);
    if (entry.type === 'job.finished' && entry.job === local) return say(`the job ended as "${entry.outcome}"`, `该后台任务以 “${entry.outcome}” 结束`);
  }
  return say('nothing yet', '尚无后续');
}

/** Who was told what, as claimed; and what the responder wrote down about it. */
export function notificationsOf(reading: Reading): readonly NotificationRow[] {
  const recorded = reading.entries.find((entry) => entry.type === 'organisation.recorded');
  const organisation = recorded?.type === 'organisation.recorded' ? (recorded.organisation as unknown as Organisation) : undefined;
  return reading.visits.flatMap(({ path, title, step, kind, phase, finished }): NotificationRow[] => {
    if (!finished) return [];
    const answer = reading.answers.find((each) => each.path === path && each.entry.visit === finished.visit);
    const base = { seq: finished.seq, at: finished.at, step: path, title, outcome: finished.outcome, by: answer?.entry.by ?? finished.by ?? '' };
    if (kind === 'notify') {
      if (step?.kind !== 'notify') return [{ ...base, who: say('', '') }];
      const { who, message } = noticeOf(step, { organisation, runbook: runbookOf(reading, path), facts: reading.facts });
      const to = sentTo(reading, path, finished.visit);
      return [{ ...base, who: to === undefined ? who : say(`${who.en} (sent to ${to})`, `${who.zh}（已发送到 ${to}）`), message }];
    }
    return kind === 'ask' && phase === 'notify' && answer ? [{ ...base, who: textOf(answer.entry.value) }] : [];
  });
}

/** The group a notification was sent to, when one took it. */
function sentTo({ entries }: Reading, path: string, visit: number): string | undefined {
  const at = (entry: { readonly frame?: string; readonly step: string; readonly visit: number }): boolean =>
    (entry.frame === undefined ? entry.step : `${entry.frame}/${entry.step}`) === path && entry.visit === visit;
  const done = entries.some((entry) => entry.type === 'message.finished' && entry.result === 'done' && at(entry));
  const intended = entries.findLast((entry) => entry.type === 'message.intended' && at(entry));
  return done && intended?.type === 'message.intended' ? intended.to : undefined;
}

/** The id of the runbook a step stands in: the case's own, or its child's. */
function runbookOf({ entries, opened }: Reading, path: string): string {
  const frame = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const child = entries.findLast((entry) => entry.type === 'frame.opened' && entry.frame === frame);
  return child?.type === 'frame.opened' ? child.runbook : opened.runbook;
}

/** How the runbook words a value of an input that offers choices. */
export function chosen({ runbook }: Reading, name: string, value: string): Text {
  return runbook?.inputs[name]?.choices?.[value] ?? say(value, value);
}

export function inputsOf(reading: Reading): readonly InputRow[] {
  return reading.answers.flatMap(({ entry }): InputRow[] => {
    if (!entry.step.startsWith('input.')) return [];
    const name = entry.step.slice(6);
    const title = reading.runbook?.inputs[name]?.title ?? say(name, name);
    return [{ seq: entry.seq, name, title, value: entry.value, label: chosen(reading, name, entry.value), proposed: entry.via === 'proposal', by: entry.by }];
  });
}

/** What was written down to learn from, and what asks were answered on the way out. */
export function lessonsOf(reading: Reading): readonly Lesson[] {
  return reading.answers.flatMap(({ entry, path, visit }): Lesson[] => {
    if (entry.kind !== 'review' && !(entry.kind === 'ask' && ['recover', 'learn', 'lessons'].includes(visit?.phase ?? ''))) return [];
    return [{ seq: entry.seq, at: entry.at, step: path, title: visit?.title ?? reading.titleAt(path), value: entry.value, by: entry.by }];
  });
}

/** Lines of a review that read `what; owner; date`. */
export function actionItemsOf(lessons: readonly Lesson[], stepFact: (path: string) => Json | undefined): readonly ActionItem[] {
  return lessons.flatMap(({ step, value, seq }) => {
    if (!/action/i.test(String(stepFact(step) ?? step))) return [];
    return value.split('\n').flatMap((line): ActionItem[] => {
      const [what = '', owner = '', due = ''] = line.split(/[;；]/).map((part) => part.trim());
      return what === '' ? [] : [{ what, owner, due, seq }];
    });
  });
}

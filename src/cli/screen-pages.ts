// Screens that inform and ask nothing: help, calls, details, jobs, held-back targets, the wait, the work under way. Pure.
import { aliyunCommand } from '../actions/by-hand.ts';
import type { RecordedCall } from '../casefile/entry.ts';
import { pendingOf } from '../engine/pending.ts';
import { current, stepPath, type Frame, type Job } from '../engine/state.ts';
import { escapeTerminal, type JsonObject } from '../text.ts';
import { actOf, heldOf } from './screen-batch.ts';
import { findingRow, screenOf } from './screen.ts';
import type { Asking, Line, Screen } from './screen-layout.ts';
import { clockOf, jobState, span, type View } from './screen-status.ts';
import { wrap } from './screen-text.ts';
import { wordsOf, type Words } from './words.ts';

/** A text longer than a window, with its title: shown a window at a time. */
export type Leaf = { readonly title: string; rows(view: View, columns: number): readonly Line[] };

const silent: Asking = { kind: 'key' };

/** One window of a leaf from `offset`; says how far it goes. */
export function leafScreen(view: View, leaf: Leaf, window: { readonly columns: number; readonly rows: number; readonly offset: number }): Screen {
  const rows = leaf.rows(view, window.columns);
  const last = Math.min(rows.length, window.offset + window.rows);
  const screen = screenOf(view, { title: leaf.title, tag: rows.length > window.rows ? `${window.offset + 1}-${last} / ${rows.length}` : '', body: rows.slice(window.offset, last), keys: [], asking: silent }, window.columns);
  return { ...screen, keys: wordsOf(view.lang).pageKeys };
}

export function helpLeaf(words: Words): Leaf {
  return { title: words.helpTitle, rows: (_view, columns) => words.help.flatMap((text) => wrap(text, columns - 2, 3)).map((text) => `  ${text}`) };
}

/** The calls of the frozen list as a person would type them. */
export function callsLeaf(words: Words): Leaf {
  return {
    title: words.callsTitle,
    rows: (view, columns) => {
      const calls = current(view.state).work.batch?.calls ?? [];
      return calls.length === 0 ? [`  ${words.noCalls}`] : calls.flatMap((call) => commandRows(call, columns));
    },
  };
}

function commandRows(call: RecordedCall, columns: number): readonly string[] {
  const command = escapeTerminal(aliyunCommand({ ...call, product: call.product as never, effect: 'write' }));
  return [...wrap(command, columns - 2, 4).map((text) => `  ${text}`), ''];
}

export function byHandLeaf(words: Words): Leaf {
  return {
    title: words.byHand.title,
    rows: (view, columns) => {
      const acting = actOf(view);
      if (!acting) return [`  ${words.byHand.none}`];
      const { work } = current(view.state);
      const calls = work.batch?.calls ?? work.plan ?? [];
      return [
        ...wrap(`${words.console}: ${acting.action.console[view.lang]}`, columns - 2, 2).map((text) => `  ${text}`),
        '',
        ...calls.flatMap((call) => commandRows(call, columns)),
        ...wrap(words.byHand.then, columns - 2).map((text) => `  ${text}`),
      ];
    },
  };
}

/** Everything at hand about this question: the briefing, the whole text, targets, recorded facts. */
export function detailLeaf(words: Words): Leaf {
  return {
    title: words.detailTitle,
    rows: (view, columns) => {
      const { work, facts } = current(view.state);
      const pending = pendingOf(view.state);
      const text = (value: string): readonly string[] => wrap(escapeTerminal(value, { lines: true }), columns - 2).map((each) => `  ${each}`);
      return [
        ...(view.brief === undefined ? [] : [...text(view.brief), '']),
        ...text(pending?.question[view.lang] ?? ''),
        '',
        ...(work.batch?.targets ?? []).flatMap(({ id, data }) => [`  ${escapeTerminal(id)}`, ...factRows(data, view, columns, 4), '']),
        ...factRows(facts, view, columns, 2),
      ];
    },
  };
}

/** `name: value`, lists one by one; a bilingual value shows its own language. */
function factRows(facts: JsonObject, view: View, columns: number, indent: number): readonly string[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [`${' '.repeat(indent)}${name} (${value.length})`, ...value.slice(0, 200).flatMap((each) => plain(each, view, columns, indent + 2))];
    return plain(value, view, columns, indent, `${name}: `);
  });
}

function plain(value: unknown, view: View, columns: number, indent: number, lead = ''): readonly string[] {
  const named = (value ?? {}) as Readonly<Record<string, unknown>>;
  const shown = typeof value === 'object' && value !== null ? (named[view.lang] ?? JSON.stringify(value)) : String(value);
  return wrap(`${lead}${escapeTerminal(String(shown))}`, columns - indent, 2).map((text) => ' '.repeat(indent) + text);
}

/** Each job with its bar, then the findings, newest first, the unseen ones marked. */
export function jobsLeaf(words: Words): Leaf {
  return {
    title: words.jobsTitle,
    rows: (view, columns) => {
      const jobs = view.state.frames.flatMap((frame) => Object.values(frame.jobs).flatMap((job) => jobRows(view, frame, job, words, columns)));
      const findings = view.state.findings.map((finding, nth): Line => {
        const fresh = nth >= view.seen;
        return { text: `  ${fresh ? words.newMark.padEnd(4) : '    '} ${findingRow(finding, view.lang)}`, tone: fresh ? 'strong' : 'plain' };
      });
      return [
        ...(jobs.length === 0 ? [`  ${words.jobsNone}`] : [...jobs, ...wrap(words.jobsSafe, columns - 2).map((text) => `  ${text}`)]),
        ...(findings.length === 0 ? [] : ['', `  ${words.findings(findings.length)}`, ...findings.toReversed()]),
      ];
    },
  };
}

function jobRows(view: View, frame: Frame, job: Job, words: Words, columns: number): readonly string[] {
  const step = frame.steps.get(job.job);
  const [done, total] = [Number(job.progress?.['done'] ?? 0), Number(job.progress?.['total'] ?? 0)];
  const note = (job.progress?.['note'] ?? job.trouble) as Readonly<Record<string, string>> | undefined;
  const began = view.entries.findLast((entry) => entry.type === 'job.started' && entry.job === job.job)?.at;
  const next = job.waitUntil !== undefined && job.waitUntil > view.now ? words.watching.due(`${clockOf(job.waitUntil)} UTC+8`, span(job.waitUntil, view.now, words)) : '';
  const said = note === undefined ? '' : escapeTerminal(note[view.lang] ?? '');
  return [
    `  ${job.job}  ${step?.title[view.lang] === undefined ? '' : escapeTerminal(step.title[view.lang])}`,
    `  ${bar(job.status === 'finished' ? 1 : total === 0 ? 0 : done / total)}  ${jobState(job, frame, words)}${total > 0 && step?.kind !== 'watch' ? `   ${words.counts(done, total)}` : ''}${leftOf(view, job, began, words)}`,
    ...[said, next].filter((text) => text !== '').flatMap((text) => wrap(text, columns - 4)).map((text) => `    ${text}`),
    '',
  ];
}

/** What is left at the pace so far; nothing while there is no pace yet. */
function leftOf(view: View, { status, progress }: Job, began: string | undefined, words: Words): string {
  const [done, total] = [Number(progress?.['done'] ?? 0), Number(progress?.['total'] ?? 0)];
  if (status !== 'running' || began === undefined || done === 0 || total <= done) return '';
  const spent = Date.parse(view.now) - Date.parse(began);
  const at = new Date(Date.parse(view.now) + (spent / done) * (total - done)).toISOString();
  return `   ${words.left(span(at, view.now, words))}`;
}

function bar(share: number): string {
  const cells = 30;
  const full = Math.round(Math.max(0, Math.min(1, share)) * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}]`;
}

/** Held-back targets with a number to tick each. */
export function heldRows(view: View, columns: number): readonly Line[] {
  const words = wordsOf(view.lang);
  const { batch } = current(view.state).work;
  const held = batch === undefined ? [] : heldOf(view, batch);
  if (held.length === 0) return [`  ${words.tick.nothing}`];
  return held.flatMap(({ name, why, ticked }, nth) => [
    `  ${String(nth + 1).padStart(3)} [${ticked ? 'x' : ' '}] ${name}${ticked ? `  ${words.batch.ticked}` : ''}`,
    ...wrap(why, columns - 10).map((text): Line => ({ text: `          ${text}`, tone: 'faint' })),
  ]);
}

/** Nothing to answer: a job everything waits for, or a time. */
export function waitingScreen(view: View, until: string | undefined, columns: number): Screen {
  const words = wordsOf(view.lang);
  const frame = current(view.state);
  const when = until === undefined ? [] : [until <= view.now ? words.watching.now : words.watching.due(`${clockOf(until)} UTC+8`, span(until, view.now, words)), ''];
  const body = [...when.map((text) => `  ${text}`), ...jobsLeaf(words).rows(view, columns)];
  return screenOf(view, { title: `${words.watching.waiting}: ${escapeTerminal(frame.step.title[view.lang])}`, tag: stepPath(frame), body, keys: waitingKeys(frame), asking: silent }, columns);
}

/** A wait can be left: back to the choices, skip the job, quit. */
export function waitingKeys(frame: Frame): readonly string[] {
  return ['b', ...(frame.step.needs.length > 0 ? ['s'] : []), 'j', '?', 'q'];
}

/** What is being done right now: the step, how far it is, the call under way. */
export function busyScreen(view: View, from: number, columns: number): Screen {
  const words = wordsOf(view.lang);
  const { state, entries } = view;
  const frame = current(state);
  const { work, step } = frame;
  const calls = entries.slice(from).filter((entry) => entry.type === 'call.finished');
  const last = Object.values(state.openCalls)[0] ?? calls.at(-1);
  const targets = (step.kind === 'act' ? frame.approved[step.id]?.targets : undefined) ?? [];
  const settled = targets.filter(({ id }) => work.targets[id] !== undefined).length;
  const body = [
    ...(last === undefined ? [] : [`  ${words.calling(escapeTerminal(`${last.product}:${last.action} ${last.region}`))}`]),
    `  ${words.called(calls.length)}${targets.length > 0 ? `   ${words.counts(settled, targets.length)}` : ''}`,
    '',
    ...state.frames.flatMap((each) => Object.values(each.jobs).filter((job) => each.step.needs.includes(job.job)).flatMap((job) => jobRows(view, each, job, words, columns))),
    `  ${words.interruptHint}`,
  ];
  return screenOf(view, { title: `${words.working}: ${escapeTerminal(step.title[view.lang])}`, tag: stepPath(frame), body, keys: [], asking: silent }, columns);
}

// Screens that inform and ask nothing: help, calls, details, jobs, held-back targets, the wait, the work under way. Pure.
import { aliyunCommand } from '../actions/by-hand.ts';
import type { RecordedCall } from '../casefile/entry.ts';
import { pendingOf } from '../engine/pending.ts';
import { current, stepPath } from '../engine/frame.ts';
import { contactsFor } from '../engine/notice.ts';
import { escapeTerminal, type JsonObject } from '../text.ts';
import { actOf, batchDetail, heldOf, targetTable } from './screen-batch.ts';
import { newFindings } from './screen-findings.ts';
import { allJobs, bar, jobRows, type Leaf } from './screen-jobs.ts';
import type { Sheet } from './screen.ts';
import type { Asking, Line } from './screen-layout.ts';
import { clockOf, span, titleOf, type View } from './screen-status.ts';
import { wrap } from './screen-text.ts';
import { wordsOf, type Words } from './words.ts';

const silent: Asking = { kind: 'key' };
/** A call answers within this, or has been lost. */
const slowCallMs = 8_000;
/** What a leaf leaves to the standing rows. */
const around = 8;

/** How a leaf is turned, and left. */
export const turns = { up: 'up', down: 'down', forward: ['space', 'right', 'pagedown'], backward: ['left', 'pageup'], leave: ['b', 'q', 'return', 'escape'] } as const;

/** One window of a leaf from `offset`; its last row says how far it goes. */
export function leafSheet(leaf: Leaf, offset: () => number): Sheet {
  return {
    title: leaf.title,
    tag: '',
    keys: [turns.up, turns.down, ...turns.forward, ...turns.backward, ...turns.leave],
    place: silent,
    body: (view, { columns, rows }) => leaf.rows(view, columns).slice(offset(), offset() + leafRoom(rows)),
    foot: (view, { columns, rows }) => {
      const all = leaf.rows(view, columns).length;
      const words = wordsOf(view.lang);
      return all <= leafRoom(rows) ? words.pageBack : `${offset() + 1}-${Math.min(all, offset() + leafRoom(rows))}/${all}  ${words.pageKeys}`;
    },
  };
}

/** How many rows of a leaf one window shows. */
export function leafRoom(rows: number): number {
  return Math.max(3, rows - around);
}

export function helpLeaf(words: Words): Leaf {
  return { title: words.helpTitle, rows: (_view, columns) => words.help.flatMap((text) => wrap(text, columns - 2, 3)).map((text) => `  ${text}`) };
}

/** How somebody on another machine approves. */
export function requestLeaf(words: Words): Leaf {
  return {
    title: words.second.requestTitle,
    rows: ({ state }, columns) =>
      words.second.request
        .map((text) => text.replace('CASE', state.opened.case).replace('STEP', stepPath(current(state))))
        .flatMap((text) => wrap(text, columns - 2, 3))
        .map((text) => `  ${text}`),
  };
}

/** The targets of the list that waits. */
export function listRows(view: View, columns: number): readonly Line[] {
  const { batch } = current(view.state).work;
  return batch === undefined ? [] : targetTable(batch.targets, columns - 2, wordsOf(view.lang), view.lang).map((text) => `  ${text}`);
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
        ...wrap(words.consolePath(acting.action.console[view.lang]), columns - 2, 2).map((text) => `  ${text}`),
        '',
        ...calls.flatMap((call) => commandRows(call, columns)),
        ...wrap(words.byHand.afterwards, columns - 2).map((text) => `  ${text}`),
      ];
    },
  };
}

/** Everything at hand about this question: the briefing, the whole text, targets, recorded facts. */
export function detailLeaf(words: Words): Leaf {
  return {
    title: words.detailTitle,
    rows: (view, columns) => {
      const { work, facts, step } = current(view.state);
      const pending = pendingOf(view.state);
      const contacts = step.kind === 'notify' ? contactsFor(view.state, step, { at: view.now, lang: view.lang }) : [];
      const text = (value: string): readonly string[] => wrap(escapeTerminal(value, { lines: true }), columns - 2).map((each) => `  ${each}`);
      return [
        ...(view.brief === undefined ? [] : [...text(view.brief), '']),
        ...text(pending?.question[view.lang] ?? ''),
        ...contacts.flatMap(text),
        '',
        ...(work.batch?.act === undefined ? [] : [...batchDetail(view, work.batch, columns), '']),
        ...(work.batch?.targets ?? []).flatMap(({ id, data }) => [`  ${escapeTerminal(id)}`, ...factRows(data, view, columns, 4), '']),
        ...factRows(facts, view, columns, 2),
      ];
    },
  };
}

/** `name: value`, lists one by one; a bilingual value shows its own language. */
function factRows(facts: JsonObject, view: View, columns: number, indent: number): readonly string[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (Array.isArray(value))
      return value.length === 0 ? [] : [`${' '.repeat(indent)}${name} (${value.length})`, ...value.slice(0, 200).flatMap((each) => plain(each, view, columns, indent + 2))];
    return plain(value, view, columns, indent, `${name}: `);
  });
}

function plain(value: unknown, view: View, columns: number, indent: number, lead = ''): readonly string[] {
  const named = (value ?? {}) as Readonly<Record<string, unknown>>;
  const shown = typeof value === 'object' && value !== null ? (named[view.lang] ?? JSON.stringify(value)) : String(value);
  return wrap(`${lead}${escapeTerminal(String(shown))}`, columns - indent, 2).map((text) => ' '.repeat(indent) + text);
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

/** Nothing to answer: an effect to see, a job everything waits for, a time. It can be left or quit; a drill's clock can be moved. */
export function waitingSheet(view: View, until: () => string | undefined): Sheet {
  const frame = current(view.state);
  const words = wordsOf(view.lang);
  const act = frame.step.kind === 'act';
  const jobs = frame.step.needs.length > 0;
  return {
    title: (act ? words.working : words.watching.waiting)(titleOf(frame, frame.step.id, view)),
    tag: stepPath(frame),
    keys: [...(view.jumps === true ? ['+'] : []), ...(jobs ? ['b', 's'] : []), 'j', '?', 'q'],
    place: silent,
    body: (now, { columns }) => {
      const at = until();
      const when = at === undefined ? [] : [`  ${at <= now.now ? words.watching.now : words.watching.due(`${clockOf(at)} UTC+8`, span(at, now.now, words))}`, ''];
      return [...(act ? workRows(now, words) : when), ...allJobs(now, words, columns), ...newFindings(now, words)];
    },
  };
}

/** What is being done right now: the step, how far it is, the call under way. `from`: the first entry of this stretch of work. */
export function busySheet(view: View, from: number, title?: string): Sheet {
  const words = wordsOf(view.lang);
  const frame = current(view.state);
  return {
    title: title ?? words.working(titleOf(frame, frame.step.id, view)),
    tag: stepPath(frame),
    keys: [],
    place: silent,
    body: (now, { columns }) => {
      const { state, entries } = now;
      const calls = entries.slice(from).filter((entry) => entry.type === 'call.finished');
      const last = Object.values(state.openCalls)[0] ?? calls.at(-1);
      const needed = state.frames.flatMap((each) => Object.values(each.jobs).flatMap((job) => (each.step.needs.includes(job.job) ? jobRows(now, each, job, words, columns) : [])));
      return [
        ...(last === undefined ? [] : [`  ${words.calling(escapeTerminal(`${last.product}:${last.action} ${last.region}`))}`]),
        `  ${words.called(calls.length)}`,
        '',
        ...(isSettling(now) ? [...wrap(words.settling, columns - 2).map((text): Line => ({ text: `  ${text}`, tone: 'strong' })), ''] : []),
        ...workRows(now, words),
        ...needed,
        `  ${words.interruptHint}`,
      ];
    },
  };
}

/** Law 3 at work: a call was sent a while ago and nothing is known of it. */
function isSettling({ state, now }: View): boolean {
  return Object.values(state.openCalls).some(({ at }) => Date.parse(now) - Date.parse(at) > slowCallMs);
}

/** How many targets of the act are settled. */
function workRows({ state }: View, words: Words): readonly string[] {
  const { work, step, approved } = current(state);
  const targets = approved[step.id]?.targets ?? [];
  if (targets.length === 0) return [];
  const settled = targets.filter(({ id }) => work.targets[id] !== undefined).length;
  return [`  ${bar(settled / targets.length)}  ${words.counts(settled, targets.length)}`, ''];
}

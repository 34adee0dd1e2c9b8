// The screen of a batch to approve: what would be done to which targets, what is held back, what is lost, what stays. Pure.
import { describeCall } from '../actions/by-hand.ts';
import type { Action } from '../actions/define.ts';
import type { RecordedTarget } from '../casefile/entry.ts';
import { current, targetsOf, type Batch, type Frame } from '../engine/frame.ts';
import type { StepOf } from '../runbook/schema.ts';
import { escapeTerminal, type Json, type Lang, type Text } from '../text.ts';
import type { Line } from './screen-layout.ts';
import type { Size, Tone } from './terminal.ts';
import { clockOf, shortKey, textOf, type View } from './screen-status.ts';
import { clip, pad, table, width, wrap } from './screen-text.ts';
import { wordsOf, type Words } from './words.ts';

const mostRows = 6;
/** Rows of a window that need not save any. */
const tall = 32;

/** The act this batch is for; undefined for a confirmation. */
export function actOf(view: View): { readonly step: StepOf<'act'>; readonly action: Action } | undefined {
  const frame = current(view.state);
  const act = frame.step.kind === 'approve' ? frame.step.act : frame.step.kind === 'act' ? frame.step.id : undefined;
  const step = act === undefined ? undefined : frame.steps.get(act);
  if (step?.kind !== 'act') return undefined;
  const action = view.operations[step.use];
  return action?.kind === 'action' ? { step, action } : undefined;
}

/** Must-know rows first: the list, what is held back, what is lost, what stays, what breaks; the runbook's own words last. */
export function batchBody(view: View, batch: Batch, paragraphs: readonly string[], { columns, rows: height }: Size): readonly Line[] {
  const words = wordsOf(view.lang);
  const acting = actOf(view);
  const prose = paragraphs.flatMap((text) => wrap(text, columns - 2)).map((text) => `  ${text}`);
  if (!acting) return prose;
  const { action } = acting;
  const lossy = action.class !== 'R1';
  const calls = `${callsSummary(batch)} (c)   ${words.batch.undo}: ${words.batch.classes[action.class] ?? ''}`;
  const held = heldOf(view, batch).filter(({ ticked }) => !ticked);
  const [first] = held;
  const [breaks] = consequences(view, batch);
  const rows: readonly Labelled[] = [
    ...(first === undefined ? [] : [{ label: words.batch.held(held.length), text: `${first.name}: ${first.why}`, tail: ' (v)' }]),
    { label: words.batch.loses, text: action.loses[view.lang], tone: lossy ? 'loss' : 'plain', most: lossy ? 2 : 1 },
    { label: words.batch.leaves, text: action.leaves[view.lang] },
    ...(breaks === undefined ? [] : [{ label: words.batch.breaks, text: breaks, most: lossy ? 1 : 2 }]),
    { label: words.batch.calls, text: calls, tone: action.class === 'R3' ? 'loss' : 'plain' },
    ...notKnown(view, words),
  ];
  // A tall window shows whole sentences; at 24 rows each gets its first words, and `d` the rest.
  const most = height >= tall ? 4 : 1;
  return [
    ...targetTable(batch.targets, columns - 2, words, view.lang).map((text) => `  ${text}`),
    '',
    ...labelled(
      rows.map((each) => ({ ...each, most: Math.max(each.most ?? 1, most) })),
      columns,
    ),
    ...prose,
  ];
}

/** The same without a limit of rows, for the page of details. */
export function batchDetail(view: View, batch: Batch, columns: number): readonly Line[] {
  const words = wordsOf(view.lang);
  const acting = actOf(view);
  if (!acting) return [];
  const { loses, leaves, console } = acting.action;
  const rows = [
    { label: words.batch.loses, text: loses[view.lang] },
    { label: words.batch.leaves, text: leaves[view.lang] },
    ...consequences(view, batch).map((text) => ({ label: words.batch.breaks, text })),
    ...notKnown(view, words),
    { label: words.console, text: console[view.lang] },
    { label: words.batch.list, text: words.batch.frozen(batch.sha256, batch.targets.length) },
  ];
  return labelled(
    rows.map((row) => ({ ...row, most: 99 })),
    columns,
  );
}

/** Law 7: what was not looked at, where the case recorded it. */
function notKnown({ state, lang }: View, words: Words): readonly Labelled[] {
  const gaps = current(state).facts['notKnown'];
  if (!Array.isArray(gaps) || gaps.length === 0) return [];
  return [{ label: words.notKnown, text: escapeTerminal(gaps.map((gap) => String((gap as Readonly<Record<string, Json>> | null)?.[lang] ?? gap)).join(' ')) }];
}

type Labelled = { readonly label: string; readonly text: string; readonly tail?: string; readonly tone?: Tone; readonly most?: number };

/** A column of labels, a column of text; a text longer than its rows ends in "…". */
function labelled(rows: readonly Labelled[], columns: number): readonly Line[] {
  const edge = Math.max(...rows.map(({ label }) => width(label))) + 2;
  const room = columns - edge - 2;
  return rows.flatMap(({ label, text, tail = '', tone = 'plain', most = 1 }) => {
    const all = wrap(text, room);
    const last = clip(all.slice(most - 1).join(' '), room - width(tail)) + tail;
    return [...all.slice(0, most - 1), ...(all.length >= most ? [last] : [])].map((each, nth): Line => ({ text: `  ${pad(nth === 0 ? label : '', edge)}${each}`, tone }));
  });
}

function callsSummary({ calls }: Batch): string {
  const counts = new Map<string, number>();
  for (const { product, action } of calls) counts.set(`${product}:${action}`, (counts.get(`${product}:${action}`) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${n} x ${name}`).join(', ');
}

/** What the person was told of these very targets when the list was frozen, the same words once. */
function consequences(view: View, batch: Batch): readonly string[] {
  return [...new Set((batch.warnings ?? []).map((text) => escapeTerminal(String(text[view.lang]))))];
}

/** Keys one by one; machines by region, type and maker; anything else by its label. At most six rows. */
export function targetTable(targets: readonly RecordedTarget[], columns: number, words: Words, lang: Lang): readonly string[] {
  const heads = words.columns;
  const kind = targets[0]?.kind;
  const rows = kind === 'instance' ? machineRows(targets) : kind === 'access-key' ? targets.map(keyCells) : targets.map(anyCells(lang));
  const shown = rows.length > mostRows ? rows.slice(0, mostRows - 1) : rows;
  const named =
    kind === 'instance'
      ? [{ head: heads.region }, { head: heads.type }, { head: heads.n, align: 'right' as const }, { head: heads.created }, { head: heads.by }]
      : kind === 'access-key'
        ? [{ head: heads.key, least: 14 }, { head: heads.user }, { head: heads.status }, { head: heads.created }, { head: heads.by }]
        : [{ head: heads.id, least: 12 }, { head: heads.name }, { head: heads.region }];
  return [...table(named, shown, columns), ...(rows.length > shown.length ? [words.batch.more(rows.length - shown.length)] : [])];
}

function cell(value: Json | undefined): string {
  return value === undefined || value === null || value === '' ? '-' : escapeTerminal(String(value));
}

function keyCells({ id, data }: RecordedTarget): readonly string[] {
  return [cell(id), cell(data['userName']), cell(data['status']), timeOf(data['createdAt'], 0), by(data['createdBy'])];
}

function machineRows(targets: readonly RecordedTarget[]): readonly (readonly string[])[] {
  const groups = new Map<string, RecordedTarget[]>();
  for (const target of targets) {
    const key = JSON.stringify([target.region, target.data['type'], target.data['maker']]);
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  return [...groups.values()].map((group) => {
    const [one] = group;
    const times = [...new Set(group.map(({ data }) => timeOf(data['created'])).toSorted())];
    const when = times.length > 1 ? `${times[0]} - ${times.at(-1)}` : (times[0] ?? '-');
    return [cell(one?.region), cell(one?.data['type']), String(group.length), when, by(one?.data['maker'])];
  });
}

const anyCells =
  (lang: Lang) =>
  ({ id, label, region, data }: RecordedTarget): readonly string[] => {
    const named = data['name'] ?? label ?? (data['label'] as Text | undefined)?.[lang];
    return [cell(id), cell(named === id ? undefined : named), cell(region)];
  };

function by(value: Json | undefined): string {
  const name = textOf(value);
  return name === undefined ? '-' : shortKey(name);
}

/** `11-23 03:14` at UTC+8, with its year where that matters (`from` 0: a key may be years old); what is no time stays as it is. */
function timeOf(value: Json | undefined, from: 0 | 5 = 5): string {
  const at = textOf(value);
  if (at === undefined || Number.isNaN(Date.parse(at))) return cell(value);
  return `${new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(from, 10)} ${clockOf(at).slice(0, 5)}`;
}

export type Held = { readonly id: string; readonly name: string; readonly why: string; readonly ticked: boolean };

/** Held-back targets and those a person ticked, in the order of the finding. */
export function heldOf(view: View, batch: Batch): readonly Held[] {
  const frame: Frame = current(view.state);
  const act = frame.step.kind === 'approve' && frame.step.act !== undefined ? frame.steps.get(frame.step.act) : undefined;
  const list = act?.kind === 'act' ? targetsOf(frame, act.over) : [];
  return list.flatMap((target): readonly Held[] => {
    const held = batch.held.find(({ id }) => id === target.id);
    const why = held?.why ?? target.held;
    if (why === undefined) return [];
    const own = textOf(target.data['name']);
    const name = own === undefined ? cell(target.id) : `${clip(cell(own), 24)} (${shortKey(target.id)})`;
    return [{ id: target.id, name, why: escapeTerminal(String(why[view.lang] ?? '')), ticked: held === undefined }];
  });
}

/** One readable row per call of the batch. */
export function callRows(batch: Batch): readonly string[] {
  return batch.calls.map((call) => escapeTerminal(describeCall({ ...call, product: call.product as never, effect: 'write' })));
}

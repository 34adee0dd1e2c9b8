// What was done and what was left alone: every write with who, why, answer, verification and undo; every target held back. Pure.
import type { Call } from '../actions/define.ts';
import { aliyunCommand } from '../actions/by-hand.ts';
import type { RecordedCall } from '../casefile/entry.ts';
import { clip, type Json } from '../text.ts';
import type { CallRead, Reading, Settled } from './read.ts';
import type { ActionRow, ByHandRow, HeldRow, UndoCard, Verified } from './rows.ts';
import { stringAt, textOf } from './values.ts';

/** Every write, in the order sent. One that the trail leaves open says so. */
export function actionsOf(reading: Reading): readonly ActionRow[] {
  const settled = Map.groupBy(reading.settled, ({ path, entry }) => `${path} ${entry.target}`);
  const cards = new Map<string, number[]>();
  for (const entry of reading.entries) {
    if (entry.type !== 'undo.saved') continue;
    const key = `${entry.frame === undefined ? entry.step : `${entry.frame}/${entry.step}`} ${entry.target}`;
    cards.set(key, [...(cards.get(key) ?? []), entry.card]);
  }
  const next = new Map<string, number>();
  const rows = reading.calls.toReversed().map((call) => {
    const row = actionRow(reading, call, { settled, cards, next });
    for (const target of call.intended.targets) next.set(`${call.path} ${target}`, call.intended.seq);
    return row;
  });
  return rows.toReversed();
}

/** Everything by step and target: what reading showed, undo cards, and where a later call on the same target stands. */
type ByTarget = { readonly settled: ReadonlyMap<string, readonly Settled[]>; readonly cards: ReadonlyMap<string, readonly number[]>; readonly next: ReadonlyMap<string, number> };

function actionRow(reading: Reading, call: CallRead, { settled, cards, next }: ByTarget): ActionRow {
  const { intended, finished, path, visit, approval, repeats } = call;
  const { product, version, action, region, params, targets } = intended;
  // A retry speaks for itself: this call is judged by what was read before the next one.
  const later = targets.flatMap((target) => {
    const until = next.get(`${path} ${target}`) ?? Infinity;
    return (settled.get(`${path} ${target}`) ?? []).filter(({ entry }) => entry.seq > intended.seq && entry.seq < until);
  });
  return {
    seq: intended.seq,
    at: intended.at,
    call: intended.call,
    step: path,
    title: visit?.title ?? reading.titleAt(path),
    class: intended.class,
    askedBy: reading.workerAt(intended.seq),
    ...(approval ? { approved: { by: approval.answer.by, at: approval.answer.at, seq: approval.answer.seq, text: approval.answer.value } } : {}),
    product,
    version,
    action,
    region,
    params,
    command: commandOf(intended),
    targets,
    result: finished?.result ?? 'open',
    repeats,
    verified: [...new Map(later.map(({ entry }) => [entry.target, verified(entry)])).values()],
    undo: targets.flatMap((target) => (cards.get(`${path} ${target}`) ?? []).slice(-1)),
    ...(finished
      ? {
          how: finished.how,
          finishedAt: finished.at,
          finishedSeq: finished.seq,
          ...(finished.requestId === undefined ? {} : { requestId: finished.requestId }),
          ...(finished.code === undefined ? {} : { code: finished.code }),
          ...(finished.message === undefined ? {} : { message: finished.message }),
          ...(finished.by === undefined ? {} : { toldBy: finished.by }),
        }
      : {}),
  };
}

function verified({ target, status, at, seq, note, facts }: Settled['entry']): Verified {
  return { target, status, at, seq, ...(note === undefined ? {} : { note: textOf(note) }), ...(facts === undefined ? {} : { facts }) };
}

/** How each target of an act stands after its newest visit. */
export function standingOf(reading: Reading, act: string): ReadonlyMap<string, Settled['entry']> {
  return new Map(reading.settled.filter(({ path }) => path === act).map(({ entry }) => [entry.target, entry]));
}

/** What a person did outside Firebreak, by their own word. */
export function byHandOf(reading: Reading): readonly ByHandRow[] {
  return reading.answers.flatMap(({ entry, path, visit }): ByHandRow[] => {
    if (entry.kind !== 'manual') return [];
    const targets = reading.settled
      .filter((settled) => settled.path === path && settled.entry.seq > entry.seq && settled.entry.visit === entry.visit)
      .map((settled) => settled.entry.target);
    return [{ seq: entry.seq, at: entry.at, step: path, title: visit?.title ?? reading.titleAt(path), by: entry.by, value: entry.value, targets }];
  });
}

/** Targets nothing was sent to: unticked in the approved list, or dropped when their turn came. */
export function heldOf(reading: Reading): readonly HeldRow[] {
  const rows = new Map<string, HeldRow>();
  const touched = new Set(reading.calls.flatMap(({ path, intended }) => intended.targets.map((target) => `${path} ${target}`)));
  const labels = labelsOf(reading);
  const add = (row: HeldRow): void => {
    const key = `${row.step} ${row.target}`;
    if (touched.has(key)) return;
    const label = labels.get(row.target);
    rows.set(key, { ...row, ...(label === undefined || label === row.target ? {} : { label }) });
  };
  for (const entry of reading.entries) {
    if (entry.type !== 'batch.frozen' || entry.act === undefined) continue;
    const step = entry.frame === undefined ? entry.act : `${entry.frame}/${entry.act}`;
    for (const { id, why } of entry.held) add({ target: id, step, title: reading.titleAt(step), status: 'held', by: 'list', why: textOf(why), seq: entry.seq });
  }
  const acts = new Set(reading.approvals.keys());
  for (const { path, entry } of reading.settled) {
    if (!acts.has(path) || !['held', 'already', 'gone', 'failed'].includes(entry.status)) continue;
    add({ target: entry.target, step: path, title: reading.titleAt(path), status: entry.status, by: 'act', why: textOf(entry.note), seq: entry.seq });
  }
  return [...rows.values()];
}

/** How a target was listed, with the name somebody gave it: attacker or ours, escaped where shown. */
export function labelsOf(reading: Reading): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const add = (item: Json): void => {
    const [id, label, name] = [stringAt(item, 'id'), stringAt(item, 'label'), stringAt(item, 'data', 'name')];
    const full = `${label === '' ? id : label}${name === '' || id === name ? '' : ` "${clip(name, 60)}"`}`;
    // Several lists may name it: the one that says most is kept.
    if (id !== '' && full.length > (labels.get(id)?.length ?? 0)) labels.set(id, full);
  };
  for (const fact of Object.values(reading.facts)) if (Array.isArray(fact)) for (const item of fact as readonly Json[]) add(item);
  for (const batch of reading.batches.values()) for (const target of batch.targets) add(target);
  return labels;
}

/** Every inverse, ready to be run by a person who asks for it. */
export function undoOf(reading: Reading): readonly UndoCard[] {
  return reading.entries.flatMap((entry): UndoCard[] => {
    if (entry.type !== 'undo.saved') return [];
    const { card, step, target, calls, irreversible, incomplete, seq, frame } = entry;
    return [
      {
        card,
        step: frame === undefined ? step : `${frame}/${step}`,
        target,
        calls: calls.map((call) => ({ product: call.product, action: call.action, region: call.region, params: call.params, command: commandOf(call) })),
        ...(irreversible === undefined ? {} : { irreversible: textOf(irreversible) }),
        ...(incomplete === undefined ? {} : { incomplete }),
        seq,
      },
    ];
  });
}

function commandOf({ product, version, action, region, params }: RecordedCall): string {
  return aliyunCommand({ product: product as Call['product'], version, action, region, params, effect: 'write' });
}

/** A call in a few words: `ram:UpdateAccessKey Status=Inactive`; ids and regions stand in columns of their own. */
export function shortCall({ product, action, params }: Pick<ActionRow, 'product' | 'action' | 'params'>): string {
  const telling = Object.entries(params).filter(([name]) => ['Status', 'StoppedMode', 'PolicyName'].includes(name));
  return [`${product}:${action}`, ...telling.map(([name, value]) => `${name}=${value}`)].join(' ');
}

// What was done and what was left alone: every write with who, why, answer, verification and undo; every target held back. Pure.
import type { Call } from '../actions/define.ts';
import { aliyunCommand } from '../actions/by-hand.ts';
import type { RecordedCall } from '../casefile/entry.ts';
import { clip, type Json } from '../text.ts';
import { standing } from '../engine/debts.ts';
import type { CallRead, EntryOf, Reading, Settled } from './read.ts';
import type { ActionRow, ByHandRow, DebtRow, HeldRow, UndoCard, Verified } from './rows.ts';
import { say, stringAt, textOf } from './values.ts';

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
  const undoes = new Map(reading.entries.flatMap((entry) => (entry.type === 'undo.asked' ? entry.calls.map(({ call }) => [call, entry] as const) : [])));
  const rows = reading.calls.toReversed().map((call) => {
    const row = actionRow(reading, call, { settled, cards, next, undoes });
    // What an undo took back is said of the change itself, too.
    if (!undoes.has(call.intended.call)) for (const target of call.intended.targets) next.set(`${call.path} ${target}`, call.intended.seq);
    return row;
  });
  return rows.toReversed();
}

/** Everything by step and target: what reading showed, undo cards, and where a later call on the same target stands. */
type ByTarget = {
  readonly settled: ReadonlyMap<string, readonly Settled[]>;
  readonly cards: ReadonlyMap<string, readonly number[]>;
  readonly next: ReadonlyMap<string, number>;
  readonly undoes: ReadonlyMap<string, EntryOf<'undo.asked'>>;
};

function actionRow(reading: Reading, call: CallRead, { settled, cards, next, undoes }: ByTarget): ActionRow {
  const { intended, finished, visit, approval, repeats } = call;
  const asked = undoes.get(intended.call);
  const path = asked?.step ?? call.path;
  const agreed = asked === undefined ? approval?.answer : { by: asked.by, at: asked.at, seq: asked.seq, value: asked.text };
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
    step: call.path,
    title: asked === undefined ? (visit?.title ?? reading.titleAt(path)) : say(`Undo of card ${asked.card}`, `撤销卡 ${asked.card}`),
    class: intended.class,
    askedBy: reading.workerAt(intended.seq),
    ...(agreed ? { approved: { by: agreed.by, at: agreed.at, seq: agreed.seq, text: agreed.value } } : {}),
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
    undo: (asked === undefined ? targets : []).flatMap((target) => (cards.get(`${path} ${target}`) ?? []).slice(-1)),
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
        ...undoneBy(reading, card),
        seq,
      },
    ];
  });
}

function undoneBy(reading: Reading, card: number): Pick<UndoCard, 'undone'> {
  const finished = reading.entries.find((entry) => entry.type === 'undo.finished' && entry.card === card && entry.of === undefined && entry.outcome === 'undone');
  const asked = finished && reading.entries.findLast((entry) => entry.type === 'undo.asked' && entry.card === card && entry.seq < finished.seq);
  return finished && asked?.type === 'undo.asked' ? { undone: { by: asked.by, at: finished.at, seq: finished.seq } } : {};
}

/** What the case owes, settled or not; what was taken back is no debt any more. */
export function debtsOf({ ledger }: Reading): readonly DebtRow[] {
  return ledger.debts.flatMap((debt): DebtRow[] => {
    const items = standing(ledger, debt);
    if (items.length === 0) return [];
    const { kind, what, due, second, accepted } = debt;
    return [
      {
        debt: debt.debt,
        kind,
        what: textOf(what),
        targets: items.map(({ target }) => target),
        cards: items.flatMap(({ card }) => card ?? []),
        due: accepted?.due ?? due,
        ...(accepted ? { owner: accepted.owner, seq: accepted.seq } : {}),
        ...(second === undefined ? {} : { second }),
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

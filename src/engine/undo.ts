// Undo: the exact inverse of one card, run only because a person asked for it by its text (law 5). Intent, effect, outcome, then read back.
import { createHash } from 'node:crypto';
import type { Action, Context, Holding, Reply } from '../actions/define.ts';
import { canonical } from '../casefile/canonical.ts';
import type { Draft, Entry, RecordedTarget } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import type { Text } from '../text.ts';
import { changed } from './debts.ts';
import { catchUp, contextOf, outcomeOf, readerFor, record, witness, type Run } from './run.ts';
import { callOf, finished, maxRepeats } from './settle.ts';
import type { Card, EntryOf, Frame, Library, OpenCall, RunState } from './frame.ts';

/** How long reading back may take, scenario milliseconds; an action that needs longer is told as not seen yet. */
const readBackMs = 60_000;
const pauseMs = 2_000;
const prefix = 'undo.';

/** All that an undo needs, read from the trail that saved the card: a linked case runs it without that trail. */
export type UndoPlan = Pick<EntryOf<'undo.asked'>, 'card' | 'of' | 'step' | 'use' | 'input' | 'target'> & {
  readonly calls: EntryOf<'undo.saved'>['calls'];
  /** What a person types to run it: our own ASCII, never a name. */
  readonly text: string;
};

/** Why a card can not be undone, or `ready`. */
export type CardState = 'ready' | 'undone' | 'irreversible' | 'was-so-before' | 'nothing-sent';

export function cardState(card: Card): CardState {
  const { saved, undone } = card;
  if (undone) return 'undone';
  if (saved.irreversible !== undefined) return 'irreversible';
  if (saved.calls.length === 0) return 'was-so-before';
  return changed(card) ? 'ready' : 'nothing-sent';
}

/** The plan of a card. `of`: the case it was saved in, when another one runs it. @throws Fault E_ENTRY when the trail lacks its list. */
export function undoPlanOf(entries: readonly Entry[], library: Library, saved: EntryOf<'undo.saved'>, of?: string): UndoPlan {
  const before = entries.slice(0, saved.seq);
  const frame = before.findLast((entry) => entry.type === 'frame.opened' && entry.frame === saved.frame);
  const batch = before.findLast((entry) => entry.type === 'batch.frozen' && entry.act === saved.step && entry.frame === saved.frame);
  const target = batch?.type === 'batch.frozen' ? batch.targets.find(({ id }) => id === saved.target) : undefined;
  const [opened] = entries;
  const sha256 = frame?.type === 'frame.opened' ? frame.runbookSha256 : opened?.type === 'case.opened' ? opened.runbookSha256 : '';
  const step = library(sha256).steps.find(({ id }) => id === saved.step);
  if (target === undefined || step?.kind !== 'act') throw new Fault('E_ENTRY', `The trail does not say what card ${saved.card} was made for.`);
  const { card, calls, input = {} } = saved;
  const path = saved.frame === undefined ? saved.step : `${saved.frame}/${saved.step}`;
  return { card, ...(of === undefined ? {} : { of }), step: path, use: step.use, input, target, calls, text: textOf(card, target, calls) };
}

function textOf(card: number, target: RecordedTarget, calls: UndoPlan['calls']): string {
  return `undo ${card} ${createHash('sha256').update(canonical({ card, target, calls })).digest('hex').slice(0, 4)}`;
}

/** The action behind a plan. @throws Fault E_GUARD when this version has it no more: the exact calls remain for a person. */
export function undoAction(run: Pick<Run, 'operations'>, { use, card }: Pick<UndoPlan, 'use' | 'card'>): Action {
  const action = run.operations[use];
  if (action?.kind !== 'action')
    throw new Fault('E_GUARD', `This version does not know ${use}: card ${card} can only be undone by hand. Nothing was done.`, {
      hint: 'Its exact commands are in the list of cards.',
    });
  return action;
}

export type Asking = { readonly text: string; readonly via: 'terminal' | 'answer' };

/**
 * Runs one card after its exact text. Call it under the drive lock. The end is on record as `undo.finished`, unless a call is in doubt.
 *
 * @throws Fault E_VALUE for another text; E_GUARD when it is not safe now, was done already, or something else is under way. Nothing is sent then.
 */
export async function undo(run: Run, plan: UndoPlan, { text, via }: Asking): Promise<EntryOf<'undo.finished'> | undefined> {
  catchUp(run);
  expectFree(run.state);
  if (text !== plan.text) throw new Fault('E_VALUE', `Only "${plan.text}" undoes card ${plan.card}. Nothing was done.`);
  expectSafe(run, plan);
  const root = run.state.frames[0] as Frame;
  const refused = await undoAction(run, plan).undoGuard?.(readerFor(run, root, prefix + plan.card), plan.target, contextFor(run, plan));
  if (refused) throw new Fault('E_GUARD', `${refused.en} Nothing was undone.`);
  const { card, of, step, use, input, target, calls } = plan;
  const nth = run.ports.store.entries().filter((entry) => entry.type === 'undo.asked' && entry.card === card && entry.of === of).length + 1;
  await record(run, root, {
    type: 'undo.asked',
    card,
    ...(of === undefined ? {} : { of }),
    step,
    use,
    input,
    target,
    calls: calls.map((call, index) => ({ ...call, call: `${prefix}${card}#${nth}.${index + 1}` })),
    text,
    by: run.ports.by,
    via,
  });
  await witness(run, `undo ${card}`);
  return finishUndo(run);
}

function expectFree(state: RunState): void {
  if (state.closed) throw new Fault('E_CASE_CLOSED', `Case ${state.opened.case} is closed. Nothing was changed.`);
  const [open] = Object.values(state.openCalls);
  if (open) throw new Fault('E_GUARD', `${open.action} has no known outcome yet. Run "firebreak resume" first. Nothing was changed.`);
  if (state.undoing) throw new Fault('E_GUARD', `Card ${state.undoing.card} is being undone. Run "firebreak resume" first. Nothing was changed.`);
  if (state.opened.mode === 'rehearse') throw new Fault('E_GUARD', 'A rehearsal has changed nothing, so there is nothing to undo.');
}

/** Law 9: an inverse, too, never takes anything from the identity at work, and no empty name reaches an API. */
function expectSafe(run: Run, { card, calls, of }: UndoPlan): void {
  const own = run.state.identity;
  const key = run.ports.cloud.accessKeyId;
  const saved = of === undefined ? run.state.cards[card] : undefined;
  if (saved && cardState(saved) !== 'ready') throw new Fault('E_GUARD', `Card ${card} has nothing to undo (${cardState(saved)}). Nothing was done.`);
  for (const { action, params } of calls) {
    const values = Object.values(params);
    if (values.includes('')) throw new Fault('E_GUARD', `${action} would be sent with an empty name, and act on yourself. Nothing was done.`);
    const gives = action === 'UpdateAccessKey' && params['Status'] === 'Active';
    const self = values.includes(key) || (!gives && own?.userName !== undefined && values.includes(own.userName));
    if (self)
      throw new Fault('E_GUARD', `${action} would act on the identity you are using now. Nothing was done.`, {
        hint: 'Use another credential: firebreak resume CASE --profile NAME.',
      });
  }
}

function contextFor(run: Run, { input }: Pick<UndoPlan, 'input'>): Context {
  return contextOf(run, run.state.frames[0] as Frame, input);
}

/** Goes on with the undo that was asked for: calls not yet made, then reading back. Undefined while a call is in doubt. */
export async function finishUndo(run: Run): Promise<EntryOf<'undo.finished'> | undefined> {
  const asked = run.state.undoing;
  if (!asked) return undefined;
  const root = run.state.frames[0] as Frame;
  const { card, of } = asked;
  const end = async (outcome: EntryOf<'undo.finished'>['outcome'], note: Text): Promise<EntryOf<'undo.finished'>> => {
    await record(run, root, { type: 'undo.finished', card, ...(of === undefined ? {} : { of }), outcome, note });
    return run.ports.store.entries().findLast((entry) => entry.type === 'undo.finished') as EntryOf<'undo.finished'>;
  };
  for (const planned of asked.calls) {
    if (resultOf(run, planned.call) === undefined) await send(run, asked, planned);
    const result = resultOf(run, planned.call);
    if (result === undefined) return undefined;
    if (result.result === 'denied' || result.result === 'throttled' || result.result === 'failed') return end('failed', refusedNote(result));
  }
  const holding = await readBack(run, asked);
  if (holding.status === 'no') return end('undone', holding.note ?? seen);
  return holding.status === 'yes' ? end('failed', holding.note ?? stillSo) : end('unverified', holding.note ?? notSeen);
}

const seen: Text = { en: 'Read back: the change no longer holds.', zh: '读取确认：该更改已不再生效。' };
const stillSo: Text = { en: 'The call went through, but reading shows the change still in force.', zh: '调用已返回，但读取显示该更改仍然生效。' };
const notSeen: Text = { en: 'The call went through; reading could not tell yet whether it took effect.', zh: '调用已返回；读取尚不能确认是否生效。' };

function refusedNote({ code = '', message = '' }: EntryOf<'call.finished'>): Text {
  return { en: `Refused (${code}): ${message}`, zh: `被拒绝（${code}）：${message}` };
}

function resultOf(run: Run, call: string): EntryOf<'call.finished'> | undefined {
  const found = run.ports.store.entries().findLast((entry) => entry.type === 'call.finished' && entry.effect === 'write' && entry.call === call);
  return found as EntryOf<'call.finished'> | undefined;
}

type Planned = EntryOf<'undo.asked'>['calls'][number];

async function send(run: Run, asked: EntryOf<'undo.asked'>, planned: Planned): Promise<void> {
  const root = run.state.frames[0] as Frame;
  await record(run, root, {
    type: 'call.intended',
    step: prefix + asked.card,
    visit: 1,
    target: asked.target.id,
    targets: [asked.target.id],
    sentAt: run.ports.clock.hostNow().toISOString(),
    class: undoAction(run, asked).class,
    ...planned,
  });
  const open = run.state.openCalls[planned.call];
  if (open) await attempt(run, open, 'first');
  for (let left = run.state.openCalls[planned.call]; left && left.doubt === undefined; left = run.state.openCalls[planned.call]) await settleUndo(run, left);
}

async function attempt(run: Run, open: OpenCall, how: 'first' | 'redone'): Promise<void> {
  const reply: Reply = await run.ports.cloud.send(callOf(open));
  if (!reply.ok && reply.refusal === 'unknown') return;
  const drafts: Draft[] = [finished(open.step, open, { ...outcomeOf(reply), how, ...(reply.retries > 0 ? { retries: reply.retries } : {}) })];
  await record(run, run.state.frames[0] as Frame, ...drafts);
}

/** Is this open call one of an undo? */
export function isUndoing({ step }: Pick<OpenCall, 'step'>): boolean {
  return step.startsWith(prefix);
}

/**
 * Law 3 for an inverse: after the request's lifetime the cloud is read. The change no longer holds: it happened. It does: sent again.
 * Where several calls make up the inverse, one reading can not tell them apart: a person is asked.
 */
export async function settleUndo(run: Run, open: OpenCall): Promise<void> {
  const asked = run.state.undoing;
  const root = run.state.frames[0] as Frame;
  if (!asked) throw new Fault('E_ENTRY', `${open.call} belongs to no undo.`);
  const { clock, cloud, signal, store } = run.ports;
  await clock.hostSleep(cloud.settleMs, signal);
  const doubt = async (why: string): Promise<void> => record(run, root, { type: 'call.doubted', call: open.call, why });
  if (!open.told) {
    if (asked.calls.length > 1) return doubt('The inverse takes several calls, and reading shows only all of them together.');
    const holding = await look(run, asked);
    if (holding.status === 'no') return record(run, root, finished(open.step, open, { result: 'done', how: 'reconciled' }));
    if (holding.status !== 'yes') return doubt(holding.note?.en ?? 'Its state could not be read.');
    const repeats = store.entries().filter((entry) => entry.type === 'call.repeated' && entry.call === open.call).length;
    if (repeats >= maxRepeats) return doubt(`It was sent ${repeats + 1} times and no answer came.`);
  }
  const why = open.told ? 'told: it did not happen' : 'read: it did not happen';
  await record(run, root, { type: 'call.repeated', call: open.call, sentAt: clock.hostNow().toISOString(), why });
  await attempt(run, open, 'redone');
}

async function look(run: Run, asked: EntryOf<'undo.asked'>): Promise<Holding> {
  const reader = readerFor(run, run.state.frames[0] as Frame, prefix + asked.card);
  return undoAction(run, asked).holds(reader, asked.target, contextFor(run, asked));
}

async function readBack(run: Run, asked: EntryOf<'undo.asked'>): Promise<Holding> {
  const { clock, signal } = run.ports;
  const until = clock.now().getTime() + Math.min(readBackMs, undoAction(run, asked).withinMs);
  for (;;) {
    const holding = await look(run, asked);
    if (holding.status === 'no' || clock.now().getTime() >= until || (holding.status === 'yes' && holding.final === true)) return holding;
    await clock.sleep(pauseMs, signal);
  }
}

/** Undo cards of a trail as data for people, in their order. */
export function cardsOf(state: RunState): readonly { readonly card: Card; readonly state: CardState }[] {
  return Object.values(state.cards).map((card) => ({ card, state: cardState(card) }));
}

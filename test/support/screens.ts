// Cases brought to a stop in memory, one per kind of question, and views on them: what screens are tested on.
import { giveAnswer, giveInput } from '../../src/engine/answer.ts';
import { drive } from '../../src/engine/drive.ts';
import { pendingOf, type Pending } from '../../src/engine/pending.ts';
import type { Run } from '../../src/engine/run.ts';
import type { View } from '../../src/cli/screen-status.ts';
import type { Lang } from '../../src/text.ts';
import { aRunbook, both } from './runbooks.ts';
import { aRun, aToy, aWorld, type Toy } from './world.ts';

type Book = Parameters<typeof aRunbook>[0];
type Step = NonNullable<NonNullable<Book>['steps']>[number];

/** Names an attacker would choose: escapes, direction marks, line breaks, a very long one. */
export const hostile = ['a\u001b[2J\u001b[31mcut 2 7f3a', 'b\u202etxt.exe\nno', `ours-${'长'.repeat(60)}`, `c${'x'.repeat(300)}`];

const cutSteps: readonly Step[] = [
  { id: 'find', kind: 'collect', use: 'toy.find', on: { all: 'keep', some: 'keep', none: 'close' } },
  { id: 'keep', kind: 'collect', use: 'toy.keep', over: 'switches', on: { all: 'approve-cut', some: 'approve-cut', none: 'close' } },
  { id: 'approve-cut', kind: 'approve', act: 'cut', verb: 'cut', on: { approved: 'cut', declined: 'not-cut' } },
  { id: 'cut', kind: 'act', use: 'toy.off', over: 'switches', on: { all: 'close', some: 'close', none: 'not-cut' } },
  {
    id: 'not-cut',
    kind: 'decide',
    choices: { again: { label: both('Again') }, 'false-alarm': { label: both('False alarm'), note: both('nothing happened') } },
    on: { again: 'find', 'false-alarm': 'close' },
  },
  { id: 'close', kind: 'end', as: 'done' },
];

/** Find, keep, approve, cut: with a question before it, so that there is a way to the cut. */
export function cutBook(over: Book = {}): ReturnType<typeof aRunbook> {
  return aRunbook({ cut: 'approve-cut', steps: [{ id: 'hello', kind: 'ask', fact: 'hello', on: { answered: 'find' } }, ...cutSteps], ...over });
}

/** One question of its own kind, then the end. */
export function oneStepBook(step: Step, over: Book = {}): ReturnType<typeof aRunbook> {
  return aRunbook({ steps: [step, { id: 'close', kind: 'end', as: 'done' }], ...over });
}

const inputs = {
  key: { title: both('Which key?'), format: 'access-key-id', example: 'LTAI5tEXAMPLEci00001' },
  lead: { title: both('Who leads?'), propose: '$operator', example: 'me' },
  severity: { title: both('How severe?'), choices: { critical: both('critical'), low: both('low') }, propose: 'critical', example: 'low' },
} as const;

/** A runbook that asks for one input and proposes two. */
export function inputsBook(): ReturnType<typeof aRunbook> {
  return oneStepBook({ id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } }, { inputs });
}

export async function advanced(run: Run): Promise<Run> {
  await drive(run, { budget: () => true });
  return run;
}

/** Gives answers one after the other, driving in between; `approve` types the text asked for. */
export async function answered(run: Run, ...values: readonly string[]): Promise<Run> {
  await advanced(run);
  for (const value of values) {
    const pending = pendingOf(run.state);
    if (!pending) throw new Error('nothing waits');
    await giveAnswer(run, { step: pending.step, value: value === 'approve' ? (pending.expects?.text ?? '') : value, via: 'terminal', lang: 'en' });
    await advanced(run);
  }
  return run;
}

export function aView(run: Run, lang: Lang = 'en', over: Partial<View> = {}): View {
  return { state: run.state, entries: run.ports.store.entries(), operations: run.operations, lang, now: run.ports.clock.now().toISOString(), seen: 0, ...over };
}

export function pendingIn(run: Run): Pending {
  const pending = pendingOf(run.state);
  if (!pending) throw new Error('nothing waits');
  return pending;
}

const refusing: Pick<Toy, 'refuse'> = {
  refuse: (call) => (call.action === 'SetSwitch' ? { ok: false, refusal: 'denied', code: 'NoPermission', message: 'not allowed', retries: 0 } : undefined),
};

/** A run at every kind of question, on names of your choice. */
export async function everyQuestion(names: readonly string[] = ['a', 'b', 'ours-1']): Promise<Readonly<Record<string, Run>>> {
  const at = (book: ReturnType<typeof aRunbook>, toy: Toy = aToy(...names)): Run => aRun(aWorld(book, toy));
  const batch = await answered(at(cutBook()), 'hi');
  const failed = await answered(at(cutBook(), { ...aToy(...names), ...refusing }), 'hi', 'approve');
  const byHand = await answered(at(cutBook(), { ...aToy(...names), ...refusing }), 'hi', 'approve', 'by-hand');
  // The answer to each write is lost, and reading fails from then on: nobody can tell.
  const lost: { gone: boolean } = { gone: false };
  const doubtful = aToy(...names);
  doubtful.afterEffect = () => ((lost.gone = true), { ok: false, refusal: 'unknown', code: 'ETIMEDOUT', message: 'no answer', retries: 0 });
  doubtful.refuse = (call) => (lost.gone && call.action === 'GetSwitch' ? { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } : undefined);
  const doubted = await answered(at(cutBook(), doubtful), 'hi', 'approve');
  const proposals = at(inputsBook());
  await giveInput(proposals, 'key', 'LTAI5tEXAMPLEci00001', 'terminal');
  return {
    input: await advanced(at(inputsBook())),
    proposals: await advanced(proposals),
    ask: await advanced(at(cutBook())),
    approve: batch,
    decide: await answered(at(cutBook()), 'hi', 'no'),
    failed,
    byHand,
    doubted,
    manual: await advanced(at(oneStepBook({ id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } }))),
    notify: await advanced(
      at(oneStepBook({ id: 'tell', kind: 'notify', who: both('the lead'), message: both('A key leaked.\nIt is cut.'), on: { done: 'close', failed: 'close' } })),
    ),
    review: await advanced(at(oneStepBook({ id: 'why', kind: 'review', fact: 'why', example: 'because', on: { done: 'close' } }))),
    watch: await advanced(at(oneStepBook({ id: 'quiet', kind: 'watch', use: 'toy.quiet', on: { quiet: 'close', active: 'close', unverified: 'close' } }))),
  };
}

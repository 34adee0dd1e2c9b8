// A runbook that deletes for good, on the toy account: everything an irreversible act needs, with places to leave one out.
import type { Action, Collector } from '../../src/actions/define.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import { drive } from '../../src/engine/drive.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import type { Registry, Run } from '../../src/engine/run.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { aRunbook, both, type StepSource } from './runbooks.ts';
import { aBreaker, aRun, aStore, aToy, aToyCloud, aWorld, toyOperations, type World } from './world.ts';
import { openRun } from '../../src/engine/run.ts';

/** The toy operations, one more of which can not be undone. */
export const twoOperations: Registry = {
  ...toyOperations,
  'toy.record': { ...(toyOperations['toy.record'] as Collector), seals: 'full-record' },
  'toy.still': { ...(toyOperations['toy.quiet'] as Collector), slice: async () => Promise.resolve({ outcome: 'quiet' }) },
  'toy.delete': { ...(toyOperations['toy.off'] as Action), class: 'R3', undo: () => ({ irreversible: both('It is gone.') }) },
};

/** `quick`: record and quiet are read in the foreground at once, for a walk that waits for nothing. */
export function deletingBook(how: readonly 'quick'[] = []): Runbook {
  const steps: readonly StepSource[] = [
    { id: 'record', kind: 'collect', use: 'toy.record', with: { pages: 3 }, background: true, on: { started: 'quiet' } },
    { id: 'quiet', kind: 'watch', use: 'toy.quiet', background: true, on: { started: 'find' } },
    { id: 'find', kind: 'collect', use: 'toy.find', on: { all: 'keep', some: 'keep', none: 'close' } },
    { id: 'keep', kind: 'collect', use: 'toy.keep', over: 'switches', on: { all: 'agree', some: 'agree', none: 'close' } },
    { id: 'agree', kind: 'approve', act: 'delete', verb: 'delete', on: { approved: 'delete', declined: 'close' } },
    { id: 'delete', kind: 'act', use: 'toy.delete', over: 'switches', needs: ['record', 'quiet'], on: { all: 'note', some: 'note', none: 'close' } },
    { id: 'note', kind: 'ask', fact: 'note', on: { answered: 'close' } },
    { id: 'close', kind: 'end', as: 'done' },
  ];
  if (how.length === 0) return aRunbook({ steps });
  const quick = steps.map((step): StepSource => {
    if (step.id === 'record') return { ...step, background: false, on: { all: 'quiet', some: 'quiet', none: 'close' } };
    if (step.id === 'quiet') return { ...step, use: 'toy.still', background: false, on: { quiet: 'find', active: 'close', unverified: 'close' } };
    return step.id === 'delete' ? { ...step, needs: [] } : step;
  });
  return aRunbook({ steps: quick });
}

export function aDeletingWorld(book: Runbook = deletingBook(), ...names: readonly string[]): World {
  return aWorld(book, aToy(...(names.length === 0 ? ['a', 'b'] : names)), twoOperations);
}

/** The run as another person's process would open it. */
export function aRunBy(world: World, by: string): Run {
  const run = aRun(world);
  return openRun({ ...run.ports, store: aStore(world.disk, world.clock), cloud: aToyCloud(world.toy, aBreaker()), by }, () => world.runbook, world.operations);
}

/** Drives, with the clock moved over what is watched, until a person is needed. */
export async function onward(run: Run, world: World): Promise<void> {
  for (;;) {
    const stop = await drive(run, { budget: () => true });
    if (stop.state !== 'watching') return;
    world.clock.jumpTo(stop.until);
  }
}

/** Types the text of the list that waits. */
export async function typeText(run: Run, second?: string): Promise<void> {
  const pending = pendingOf(run.state);
  await giveAnswer(run, { step: pending?.step ?? '', value: pending?.expects?.text ?? '', via: 'answer', lang: 'en', ...(second === undefined ? {} : { second }) });
}

import { expect, it } from 'vitest';
import type { Collector } from '../../src/actions/define.ts';
import { answerFact, misfit } from '../../src/engine/formats.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import { drive } from '../../src/engine/drive.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import type { Run } from '../../src/engine/run.ts';
import { aRunbook, both } from '../support/runbooks.ts';
import { aBreaker, aRun, aToy, aWorld, toyOperations } from '../support/world.ts';
import { oneStepBook } from '../support/screens.ts';

const budget = (): boolean => true;
const input = (name: string) => ({ [name]: { title: both('which?'), example: 'x' } });

const child = aRunbook({
  id: 'child',
  inputs: input('which'),
  steps: [
    { id: 'told', kind: 'review', fact: 'told', example: 'x', once: true, on: { done: 'inside' } },
    { id: 'inside', kind: 'manual', on: { done: 'out', failed: 'out' } },
    { id: 'out', kind: 'end', as: 'mended' },
  ],
});
const parent = aRunbook({
  inputs: input('first'),
  steps: [
    { id: 'told', kind: 'review', fact: 'told', example: 'x', once: true, on: { done: 'more' } },
    {
      id: 'more',
      kind: 'decide',
      choices: { another: { label: both('another'), has: 'told' }, again: { label: both('again'), has: 'found' }, done: { label: both('done') } },
      on: { another: 'next', again: 'more', done: 'close' },
    },
    { id: 'next', kind: 'case', runbook: 'child', with: { which: '$told' }, on: { closed: 'more', aborted: 'more' } },
    { id: 'close', kind: 'end', as: 'done' },
  ],
});

async function say(run: Run, step: string, value: string): Promise<void> {
  await giveAnswer(run, { step, value, via: 'answer', lang: 'en' });
  await drive(run, { budget });
}

it('leaves out in a child what was asked once, offers what has a value, and knows every case of the trail', async () => {
  const run = aRun(aWorld(parent), aBreaker(), new AbortController().signal, { child });
  await drive(run, { budget });
  await say(run, 'input.first', 'one');
  await say(run, 'told', 'two');
  expect(pendingOf(run.state)).toMatchObject({ choices: ['another', 'done'], closed: [{ choice: 'again', why: { en: 'nothing found' } }] });
  await expect(giveAnswer(run, { step: 'more', value: 'again', via: 'answer', lang: 'en' })).rejects.toThrow(/can not be chosen now: nothing found/);
  await say(run, 'more', 'another');
  expect(pendingOf(run.state)?.step).toBe('next/inside');
  expect(run.state.frames[1]?.facts['cases']).toEqual([{ runbook: 'sample', first: 'one' }]);
  const left = run.ports.store.entries().find((entry) => entry.type === 'step.finished' && entry.step === 'told' && entry.frame === 'next');
  expect(left).toMatchObject({ outcome: 'skipped', reason: expect.stringContaining('asked once') });
  await say(run, 'next/inside', 'done');
  expect(run.state.frames).toHaveLength(1);
  expect(run.state.frames[0]?.facts['cases']).toEqual([
    { runbook: 'sample', first: 'one' },
    { runbook: 'child', which: 'two', as: 'mended' },
  ]);
});

it('looks at a watch that is due by the clock, not by the letters of its time', async () => {
  const due = '2026-03-14T19:10:00Z';
  const whole: Collector = {
    ...(toyOperations['toy.quiet'] as Collector),
    slice: (_reader, { now }, cursor) => Promise.resolve(cursor === undefined ? { cursor: 'waits', waitUntil: due } : { outcome: now >= due.slice(0, 19) ? 'quiet' : 'active' }),
  };
  const book = oneStepBook({ id: 'quiet', kind: 'watch', use: 'toy.quiet', on: { quiet: 'close', active: 'close', unverified: 'close' } });
  const world = aWorld(book, aToy('a'), { ...toyOperations, 'toy.quiet': whole });
  const run = aRun(world);
  expect(await drive(run, { budget })).toEqual({ state: 'watching', until: due });
  // Half a second late: as a text it stands before the time without a fraction.
  world.clock.jumpTo('2026-03-14T19:10:00.500Z');
  expect(await drive(run, { budget })).toEqual({ state: 'closed' });
});

it('takes networks as a list, and none that lets everybody in', () => {
  for (const good of ['192.0.2.10', '192.0.2.10, 198.51.100.0/24', '2001:db8::/32；192.0.2.1']) expect(misfit(good, 'networks'), good).toBeUndefined();
  for (const bad of ['0.0.0.0/0', '::/0', '192.0.2.10, everywhere', '192.0.2.300', '10.0.0.0/7', '']) expect(misfit(bad, 'networks')?.code, bad).toBe('E_VALUE');
  expect(answerFact('networks', '192.0.2.10, 198.51.100.0/24')).toEqual(['192.0.2.10', '198.51.100.0/24']);
});

import { describe, expect, it } from 'vitest';
import type { Collector } from '../../src/actions/define.ts';
import { giveAnswer, skip, waive } from '../../src/engine/answer.ts';
import { drive } from '../../src/engine/drive.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import { openRun, type Run } from '../../src/engine/run.ts';
import { current } from '../../src/engine/frame.ts';
import { Fault } from '../../src/errors.ts';
import { aRunbook } from '../support/runbooks.ts';
import { aBreaker, aRun, aToy, aWorld, Crash, toyOperations, type World } from '../support/world.ts';

const cutting = aRunbook({
  steps: [
    { id: 'record', kind: 'collect', use: 'toy.record', with: { pages: 3 }, background: true, on: { started: 'find' } },
    { id: 'find', kind: 'collect', use: 'toy.find', on: { all: 'keep', some: 'keep', none: 'close' } },
    { id: 'keep', kind: 'collect', use: 'toy.keep', over: 'switches', on: { all: 'agree', some: 'agree', none: 'close' } },
    { id: 'agree', kind: 'approve', act: 'off', verb: 'stop', on: { approved: 'off', declined: 'close' } },
    { id: 'off', kind: 'act', use: 'toy.off', over: 'switches', on: { all: 'quiet', some: 'quiet', none: 'quiet' } },
    { id: 'quiet', kind: 'watch', use: 'toy.quiet', on: { quiet: 'note', active: 'note', unverified: 'note' } },
    { id: 'note', kind: 'ask', fact: 'note', on: { answered: 'close' } },
    { id: 'close', kind: 'end', as: 'done', needs: ['record'] },
  ],
});

const budget = (): boolean => true;

/** Plays the case to its end as a program would: answers what waits, moves the clock over waits. */
async function finish(run: Run, world: World): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) {
    const stop = await drive(run, { budget });
    if (stop.state === 'closed') return;
    if (stop.state === 'watching') {
      world.clock.jumpTo(stop.until);
      continue;
    }
    const pending = pendingOf(run.state);
    if (!pending) throw new Error(`nothing waits at ${current(run.state).step.id}`);
    const value = pending.expects?.text ?? (pending.kind === 'failed' ? 'retry' : (pending.choices?.[0] ?? pending.expects?.example ?? 'fine'));
    await giveAnswer(run, { step: pending.step, value, via: 'answer', lang: 'en' });
  }
  throw new Error('the case does not end');
}

const types = (world: World): string[] => world.disk.entries.map(({ type }) => type);

describe('driving a case', () => {
  it('plays from the first look to the end and turns each switch off once', async () => {
    const world = aWorld(cutting, aToy('a', 'b', 'ours-1'));
    const run = aRun(world);
    await finish(run, world);
    expect(world.toy.flips.toSorted()).toEqual(['a=false', 'b=false']);
    expect(world.toy.on['ours-1']).toBe(true);
    expect(run.state.closed?.outcome).toBe('closed');
    expect(types(world).at(-1)).toBe('case.closed');
  });

  it('writes the intent before the effect and the outcome after', async () => {
    const world = aWorld(cutting);
    await finish(aRun(world), world);
    for (const intent of world.disk.entries.filter((entry) => entry.type === 'call.intended')) {
      const outcome = world.disk.entries.find((entry) => entry.type === 'call.finished' && entry.call === (intent as { call: string }).call);
      expect(outcome?.seq).toBeGreaterThan(intent.seq);
    }
    expect(types(world).filter((type) => type === 'call.intended')).toHaveLength(2);
  });

  it('accepts only the exact text of the frozen list', async () => {
    const world = aWorld(cutting);
    const run = aRun(world);
    await drive(run, { budget });
    const before = world.disk.entries.length;
    for (const value of ['yes', '', 'y', 'stop 2', 'STOP 2 0000', 'stop 11 7f3a']) {
      await expect(giveAnswer(run, { step: 'agree', value, via: 'answer', lang: 'en' })).rejects.toThrow(Fault);
    }
    await expect(giveAnswer(run, { step: 'find', value: 'all', via: 'answer', lang: 'en' })).rejects.toMatchObject({ code: 'E_STALE' });
    expect(world.disk.entries).toHaveLength(before);
    expect(pendingOf(run.state)?.expects?.text).toMatch(/^stop 2 [0-9a-f]{4}$/);
  });

  it('freezes the same text for the same list, just found or read back with its keys in another order', async () => {
    const switches = [{ id: 'a', kind: 'switch', data: { made: '2026-03-14', by: 'nobody' } }];
    const find: Collector = { ...(toyOperations['toy.find'] as Collector), slice: async () => Promise.resolve({ outcome: 'all', facts: { switches } }) };
    const world = aWorld(cutting, aToy('a'), { ...toyOperations, 'toy.find': find });
    const run = aRun(world);
    await drive(run, { budget });
    const { batch } = current(run.state).work;
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .toReversed()
                .map(([name, part]) => [name, reversed(part)]),
            )
          : value;
    world.disk.entries = reversed(world.disk.entries.slice(0, batch?.seq)) as World['disk']['entries'];
    const again = aRun(world);
    await drive(again, { budget });
    expect(current(again.state).work.batch).toMatchObject({ text: batch?.text, sha256: batch?.sha256 });
  });

  it('holds a target without evidence and goes on with the rest', async () => {
    const world = aWorld(cutting);
    world.toy.refuse = ({ action, params }) =>
      action === 'GetSwitch' && params['Name'] === 'a' ? { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } : undefined;
    const run = aRun(world);
    await drive(run, { budget });
    expect(pendingOf(run.state)).toMatchObject({ step: 'keep', kind: 'failed', targets: ['a'] });
    await giveAnswer(run, { step: 'keep', value: 'go-on', via: 'answer', lang: 'en' });
    await drive(run, { budget });
    await giveAnswer(run, { step: 'agree', value: pendingOf(run.state)?.expects?.text ?? '', via: 'answer', lang: 'en' });
    await drive(run, { budget });
    expect(world.toy.flips).toEqual(['b=false']);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'target.settled', target: 'a', status: 'held' }));
  });

  it('lets a waiver stand for the evidence that could not be kept', async () => {
    const world = aWorld(cutting);
    let blind = true;
    world.toy.refuse = ({ action, params }) =>
      blind && action === 'GetSwitch' && params['Name'] === 'a' ? { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } : undefined;
    const run = aRun(world);
    await drive(run, { budget });
    await waive(run, 'keep', 'the host is gone');
    blind = false;
    await finish(run, world);
    expect(world.toy.flips.toSorted()).toEqual(['a=false', 'b=false']);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'waiver.given', target: 'a', reason: 'the host is gone' }));
  });

  it('reads before it repeats when no answer came, and records what it read', async () => {
    const world = aWorld(cutting);
    world.toy.afterEffect = ({ params }) => (params['Name'] === 'a' ? { ok: false, refusal: 'unknown', code: 'RequestTimeout', message: 'time-out', retries: 0 } : undefined);
    await finish(aRun(world), world);
    expect(world.toy.flips.toSorted()).toEqual(['a=false', 'b=false']);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'call.finished', target: 'a', effect: 'write', result: 'done', how: 'reconciled' }));
  });

  it('sends again, on record, when reading shows that it did not happen', async () => {
    const world = aWorld(cutting);
    let lost = 1;
    world.toy.refuse = ({ action, params }) => {
      if (action !== 'SetSwitch' || params['Name'] !== 'a' || lost === 0) return undefined;
      lost -= 1;
      return { ok: false, refusal: 'unknown', code: 'RequestTimeout', message: 'time-out', retries: 0 };
    };
    await finish(aRun(world), world);
    expect(world.toy.flips.filter((flip) => flip === 'a=false')).toHaveLength(1);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'call.finished', target: 'a', how: 'redone' }));
  });

  it('asks a person when reading can not tell', async () => {
    const world = aWorld(cutting);
    let sent = false;
    world.toy.refuse = ({ action, params }) => {
      if (action === 'SetSwitch' && params['Name'] === 'a') {
        sent = true;
        return { ok: false, refusal: 'unknown', code: 'RequestTimeout', message: 'time-out', retries: 0 };
      }
      return sent && params['Name'] === 'a' ? { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } : undefined;
    };
    const run = aRun(world);
    await drive(run, { budget });
    await giveAnswer(run, { step: 'agree', value: pendingOf(run.state)?.expects?.text ?? '', via: 'answer', lang: 'en' });
    expect(await drive(run, { budget })).toEqual({ state: 'in-doubt' });
    expect(pendingOf(run.state)).toMatchObject({ kind: 'in-doubt', choices: ['happened', 'did-not-happen', 'look-again'] });
    delete world.toy.refuse;
    world.toy.on['a'] = false;
    await giveAnswer(run, { step: 'off', value: 'happened', via: 'answer', lang: 'en' });
    await finish(run, world);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'call.finished', target: 'a', how: 'told', by: 'tester' }));
  });

  it('skips a running job with a reason, and the end no longer waits for it', async () => {
    const world = aWorld(cutting);
    const run = aRun(world);
    await drive(run, { budget });
    await skip(run, 'record', 'no time');
    await finish(run, world);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'job.finished', job: 'record', outcome: 'skipped', reason: 'no time' }));
  });

  it('does every effect once and ends the same wherever the process dies', async () => {
    const whole = aBreaker();
    const reference = aWorld(cutting, aToy('a', 'b', 'ours-1'));
    await finish(aRun(reference, whole), reference);
    expect(whole.seen).toBeGreaterThan(80);
    for (let at = 0; at < whole.seen; at += 1) {
      const world = aWorld(cutting, aToy('a', 'b', 'ours-1'));
      await expect(finish(aRun(world, aBreaker(at)), world), `boundary ${at}: ${whole.names[at]}`).rejects.toThrow(Crash);
      await finish(aRun(world), world);
      expect(world.toy.flips.toSorted(), `boundary ${at}: ${whole.names[at]}`).toEqual(['a=false', 'b=false']);
      expect(types(world).at(-1)).toBe('case.closed');
    }
  });

  it('replays to the same state from any cut of its trail', async () => {
    const world = aWorld(cutting);
    const run = aRun(world);
    const plain = ({ state }: Run): unknown => JSON.parse(JSON.stringify({ ...state, frames: state.frames.map((frame) => ({ ...frame, machine: undefined, steps: undefined })) }));
    const seen = new Map<number, unknown>();
    const stop = await drive(run, { budget });
    expect(stop.state).toBe('waiting');
    seen.set(world.disk.entries.length, plain(run));
    await finish(run, world);
    seen.set(world.disk.entries.length, plain(run));
    const all = world.disk.entries;
    for (const [length, state] of seen) {
      world.disk.entries = all.slice(0, length);
      expect(plain(openRun(aRun(world).ports, run.library, run.operations))).toEqual(state);
    }
  });
});

describe('a child case', () => {
  const child = aRunbook({
    id: 'child',
    steps: [
      { id: 'inside', kind: 'manual', on: { done: 'out', failed: 'out' } },
      { id: 'out', kind: 'end', as: 'done' },
    ],
  });
  const parent = aRunbook({
    steps: [
      { id: 'first', kind: 'manual', on: { done: 'second-key', failed: 'second-key' } },
      { id: 'second-key', kind: 'case', runbook: 'child', on: { closed: 'close', aborted: 'close' } },
      { id: 'close', kind: 'end', as: 'done' },
    ],
  });

  it('runs in its own frame of the same trail and hands back to its parent', async () => {
    const world = aWorld(parent);
    const run = aRun(world, aBreaker(), new AbortController().signal, { child });
    await drive(run, { budget });
    await giveAnswer(run, { step: 'first', value: 'done', via: 'answer', lang: 'en' });
    await drive(run, { budget });
    expect(pendingOf(run.state)?.step).toBe('second-key/inside');
    await giveAnswer(run, { step: 'second-key/inside', value: 'done', via: 'answer', lang: 'en' });
    expect(await drive(run, { budget })).toEqual({ state: 'closed' });
    expect(world.disk.entries.filter(({ frame }) => frame === 'second-key').map(({ type }) => type)).toEqual([
      'frame.opened',
      'step.started',
      'answer.given',
      'step.finished',
      'step.started',
      'frame.closed',
    ]);
  });
});

// What goes wrong on the wire, over real HTTP: each fault ends in the right recorded state, and in words a tired person understands.
import { afterEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { giveAnswer, skip } from '../../src/engine/answer.ts';
import { pendingOf, type Pending } from '../../src/engine/pending.ts';
import type { Answers } from '../../src/cli/given.ts';
import { playOn } from '../../src/cli/play.ts';
import { driving, newSession, openSession, type Session } from '../../src/cli/session.ts';
import type { RangeOptions } from '../../src/range/server.ts';
import { aBench, firstNight, type Bench, type BenchOptions } from '../support/shell.ts';

const leaked = 'LTAI5tEXAMPLEci00001';
let bench: Bench;
let session: Session;

afterEach(async () => {
  await session.close();
  await bench.end();
});

/** Opens a live case on a range with these faults. */
async function open(options: BenchOptions): Promise<void> {
  bench = await aBench(options);
  session = await newSession(bench.shell, { id: 'WIRE', runbook: 'leaked-access-key', time: { kind: 'host' } });
}

/** Plays until nothing is answered any more: approvals are typed as a person would, the rest comes from `answers`. */
async function play(answers: Answers = {}): Promise<Pending | null> {
  let inputs = [`accessKeyId=${leaked}`];
  for (;;) {
    const stop = await playOn(session, { inputs, answers });
    inputs = [];
    if (stop.state === 'running') continue;
    const pending = pendingOf(session.run.state);
    if (pending?.kind !== 'approve' || answers[pending.step] !== undefined) return pending;
    await driving(session, () => giveAnswer(session.run, { step: pending.step, value: pending.expects?.text ?? '', via: 'answer', lang: 'en' }));
  }
}

const entries = (): readonly Entry[] => session.store.entries();
const cutsOf = (key: string): number => bench.range.effects().filter(({ action, params }) => action === 'UpdateAccessKey' && params['UserAccessKeyId'] === key).length;
const finished = (action: string): readonly (Entry & { type: 'call.finished' })[] =>
  entries().filter((entry): entry is Entry & { type: 'call.finished' } => entry.type === 'call.finished' && entry.effect === 'write' && entry.action === action);

/** The leaked key is off, by one effect in the range's own record, and the trail is whole. */
async function expectCutOnce(how: string): Promise<void> {
  expect(cutsOf(leaked)).toBe(1);
  expect(finished('UpdateAccessKey').find(({ target }) => target === leaked)).toMatchObject({ result: 'done', how });
  expect(await bench.shell.verify('WIRE', { witnesses: [], open: true })).toMatchObject({ ok: true });
}

const nthCut = (fault: object): RangeOptions['faults'] => [{ match: { action: 'UpdateAccessKey', nth: 1 }, ...fault } as never];

describe('a write that gets no clear answer', () => {
  it.each([
    ['a time-out after the effect', { do: 'hang-after-effect', delayMs: 900 }, 'reconciled'],
    ['a 503 after the effect', { do: '503-after-effect' }, 'reconciled'],
    ['an HTML 502 after the effect', { do: 'html-502-after-effect' }, 'reconciled'],
    ['a reset after the effect', { do: 'reset-after-effect' }, 'reconciled'],
    ['a 503 before the effect', { do: '503' }, 'redone'],
    ['an HTML 502 before the effect', { do: 'html-502' }, 'redone'],
    ['a reset before the effect', { do: 'reset' }, 'redone'],
  ])('%s is read, never blindly repeated', async (_, fault, how) => {
    await open({ faults: nthCut(fault), readTimeoutMs: 400, settleMs: 100, world: await firstNight((text) => text.replace('propagation: 20s', 'propagation: 0s')) });
    await play();
    expect(cutsOf(leaked)).toBe(1);
    const [first] = finished('UpdateAccessKey');
    const hit = finished('UpdateAccessKey').find((entry) => entry.how !== 'first') ?? first;
    expect(hit).toMatchObject({ result: 'done', how });
    expect(
      new Set(
        bench.range
          .effects()
          .filter(({ action }) => action === 'UpdateAccessKey')
          .map(({ params }) => params['UserAccessKeyId']),
      ).size,
    ).toBe(finished('UpdateAccessKey').length);
    expect(await bench.shell.verify('WIRE', { witnesses: [], open: true })).toMatchObject({ ok: true });
  });

  it('waits out a request that lands after its time-out', async () => {
    await open({ faults: nthCut({ do: 'delay', delayMs: 600 }), readTimeoutMs: 300, settleMs: 1_200 });
    await play();
    const doubted = finished('UpdateAccessKey').find(({ how }) => how !== 'first');
    expect(doubted).toMatchObject({ how: 'reconciled' });
    expect(cutsOf(leaked)).toBe(1);
  });
});

describe('a call that is refused for a while', () => {
  it('throttling with x-acs-retry-after is waited out', async () => {
    await open({ faults: nthCut({ do: 'throttle', retryAfterMs: 200 }) });
    await play();
    await expectCutOnce('first');
    expect(finished('UpdateAccessKey').some(({ retries }) => (retries ?? 0) > 0)).toBe(true);
  });

  it('a read behind a broken gateway is read again', async () => {
    await open({ faults: [{ match: { action: 'GetCallerIdentity', nth: 1 }, do: 'html-502' }] });
    const pending = await play({ 'confirm-account': 'no' });
    expect(entries().find((entry) => entry.type === 'call.finished' && entry.action === 'GetCallerIdentity')).toMatchObject({ result: 'done', retries: 1 });
    expect(pending?.step).toBe('wrong-account');
  });
});

describe('what the cloud hides or forbids', () => {
  it('an unreadable region is named, and the search goes on', async () => {
    await open({ faults: [{ match: { action: 'DescribeInstances', region: 'eu-central-1' }, do: 'deny' }] });
    await play({ 'notify-lead': 'done', told: 'duty manager' });
    const rogue = entries().find((entry) => entry.type === 'step.finished' && entry.step === 'rogue');
    expect(rogue).toMatchObject({ outcome: 'some' });
    expect(JSON.stringify(rogue)).toContain('eu-central-1');
  });

  it('an empty list instead of a denial is not taken for a clean region', async () => {
    await open({ faults: [{ match: { action: 'DescribeInstances', region: 'us-west-1' }, do: 'empty' }] });
    await play({ 'notify-lead': 'done', told: 'duty manager' });
    const rogue = entries().find((entry) => entry.type === 'step.finished' && entry.step === 'rogue');
    expect(JSON.stringify((rogue as { coverage?: unknown }).coverage)).toContain('us-west-1');
  });

  it('a snapshot that never completes asks a person, and its machine is not stopped meanwhile', async () => {
    await open({ faults: [{ match: { action: 'CreateSnapshot', region: 'us-west-1' }, do: 'never-completes' }] });
    const answers = { 'notify-lead': 'done', told: 'duty manager', 'isolate-first': 'straight-on' };
    const pending = await play(answers);
    expect(pending).toMatchObject({ step: 'snapshots', kind: 'failed' });
    expect(pending?.question.en).toContain('is being made');
    await play({ ...answers, snapshots: 'go-on' });
    const stopped = bench.range.effects().filter(({ action }) => action === 'StopInstances');
    expect(stopped.length).toBeGreaterThan(0);
    expect(stopped.map(({ region }) => region)).not.toContain('us-west-1');
  }, 60_000);

  it('restrictive protection on our own key says so, and another credential goes on', async () => {
    const world = await firstNight((text) => {
      const changed = text.replace(/(id: LTAI5tEXAMPLEir00009,)/, '$1 restricted: true,');
      if (changed === text) throw new Error('the responder key was not found in the drill');
      return changed;
    });
    await open({ world });
    const pending = await play();
    expect(pending).toMatchObject({ step: 'quick-look', kind: 'failed' });
    expect(pending?.question.en).toMatch(/YOUR key as leaked.*--profile/);
    expect(cutsOf(leaked)).toBe(0);
  });
});

it('refuses a credential of another account on resume', async () => {
  await open({});
  await play({ 'approve-cut': 'later' });
  const other = bench.with({ credential: async () => Promise.resolve({ accessKeyId: leaked, accessKeySecret: 'not-the-secret', source: 'profile:other' }) });
  await expect(openSession(other, 'WIRE', { time: { kind: 'host' } })).rejects.toMatchObject({ code: 'E_ACCOUNT' });
  await driving(session, () => skip(session.run, 'key-record', 'end of the test'));
});

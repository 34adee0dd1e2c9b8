// Undo cards and debts on toy switches: nothing is taken back by itself, nothing that may stand only for a time is forgotten.
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/actions/define.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import { drive } from '../../src/engine/drive.ts';
import { openDebts } from '../../src/engine/debts.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import type { Run } from '../../src/engine/run.ts';
import { cardsOf, undo, undoPlanOf, type UndoPlan } from '../../src/engine/undo.ts';
import { statusOf } from '../../src/cli/status.ts';
import { aRunbook, both } from '../support/runbooks.ts';
import { aBreaker, aRun, aToy, aWorld, Crash, toyOperations, type World } from '../support/world.ts';

const runbook = aRunbook({
  cut: 'approve',
  steps: [
    { id: 'find', kind: 'collect', use: 'toy.find', on: { all: 'keep', some: 'keep', none: 'closed' } },
    { id: 'keep', kind: 'collect', use: 'toy.keep', over: 'switches', on: { all: 'approve', some: 'approve', none: 'closed' } },
    { id: 'approve', kind: 'approve', act: 'off', verb: 'stop', on: { approved: 'off', declined: 'closed' } },
    { id: 'off', kind: 'act', use: 'toy.off', over: 'switches', on: { all: 'look', some: 'look', none: 'look' } },
    { id: 'look', kind: 'manual', on: { done: 'closed', failed: 'closed' } },
    { id: 'closed', kind: 'end', as: 'handled' },
  ],
});
const off = toyOperations['toy.off'] as Action;
const budget = (): boolean => true;

/** The switches a and b are off; the case waits at `look`. */
async function switchedOff(change: Partial<Action> = {}, toy = aToy('a', 'b')): Promise<{ world: World; run: Run }> {
  const world = aWorld(runbook, toy, { ...toyOperations, 'toy.off': { ...off, ...change } });
  const run = aRun(world);
  await drive(run, { budget });
  await say(run, 'approve', pendingOf(run.state)?.expects?.text ?? '');
  expect(pendingOf(run.state)?.step).toBe('look');
  return { world, run };
}

async function say(run: Run, step: string, value: string): Promise<void> {
  await giveAnswer(run, { step, value, via: 'answer', lang: 'en' });
  await drive(run, { budget });
}

function planOf(run: Run, card: number): UndoPlan {
  const saved = run.state.cards[card]?.saved;
  if (!saved) throw new Error(`no card ${card}`);
  return undoPlanOf(run.ports.store.entries(), run.library, saved);
}

const asking = (plan: UndoPlan): { text: string; via: 'answer' } => ({ text: plan.text, via: 'answer' });

describe('a card', () => {
  it('is undone by its exact text alone: intent, outcome, read back, on record', async () => {
    const { world, run } = await switchedOff();
    const plan = planOf(run, 1);
    expect(plan.text).toMatch(/^undo 1 [0-9a-f]{4}$/);
    const before = world.disk.entries.length;
    for (const text of ['yes', '', 'undo 1', plan.text.toUpperCase(), planOf(run, 2).text])
      await expect(undo(run, plan, { text, via: 'answer' })).rejects.toMatchObject({ code: 'E_VALUE' });
    expect(world.disk.entries).toHaveLength(before);
    expect(await undo(run, plan, asking(plan))).toMatchObject({ type: 'undo.finished', card: 1, outcome: 'undone' });
    expect(world.toy.on).toEqual({ a: true, b: false });
    const types = world.disk.entries.slice(before).map(({ type }) => type);
    expect(types.filter((type) => type !== 'witness.given')).toEqual(['undo.asked', 'call.intended', 'call.finished', 'call.finished', 'undo.finished']);
    expect(cardsOf(run.state).map(({ state }) => state)).toEqual(['undone', 'ready']);
    expect(pendingOf(run.state)?.step).toBe('look');
  });

  it('is not undone twice', async () => {
    const { world, run } = await switchedOff();
    await undo(run, planOf(run, 1), asking(planOf(run, 1)));
    const before = world.disk.entries.length;
    await expect(undo(run, planOf(run, 1), asking(planOf(run, 1)))).rejects.toMatchObject({ code: 'E_GUARD', message: expect.stringContaining('undone') });
    expect(world.disk.entries).toHaveLength(before);
  });

  it.each<[string, Partial<Action>, string]>([
    ['the switch was never turned off', {}, 'nothing-sent'],
    ['it can not be undone', { undo: () => ({ irreversible: both('gone for good') }) }, 'irreversible'],
    ['it was so before', { undo: () => [] }, 'was-so-before'],
  ])('is refused when %s', async (_, change, state) => {
    const refuse = { refuse: (call: { action: string }) => (call.action === 'SetSwitch' ? refusal : undefined) };
    const toy = Object.assign(aToy('a', 'b'), state === 'nothing-sent' ? refuse : {});
    const world = aWorld(runbook, toy, { ...toyOperations, 'toy.off': { ...off, ...change } });
    const run = aRun(world);
    await drive(run, { budget });
    await say(run, 'approve', pendingOf(run.state)?.expects?.text ?? '');
    if (state === 'nothing-sent') await say(run, 'off', 'go-on');
    expect(cardsOf(run.state)[0]?.state).toBe(state);
    const flips = world.toy.flips.length;
    await expect(undo(run, planOf(run, 1), asking(planOf(run, 1)))).rejects.toMatchObject({ code: 'E_GUARD' });
    expect(world.toy.flips).toHaveLength(flips);
  });

  it('is refused while its own guard speaks against it, and when it would touch the identity at work', async () => {
    const guarded = await switchedOff({ undoGuard: async () => Promise.resolve(both('the key is not deleted yet')) });
    await expect(undo(guarded.run, planOf(guarded.run, 1), asking(planOf(guarded.run, 1)))).rejects.toMatchObject({
      code: 'E_GUARD',
      message: expect.stringContaining('not deleted yet'),
    });
    const own = await switchedOff({}, aToy('LTAI5tEXAMPLEir00009'));
    await expect(undo(own.run, planOf(own.run, 1), asking(planOf(own.run, 1)))).rejects.toMatchObject({
      code: 'E_GUARD',
      message: expect.stringContaining('identity you are using'),
    });
    expect(own.world.toy.on).toEqual({ LTAI5tEXAMPLEir00009: false });
  });

  it('that the cloud refuses stays as it was, and may be asked for again', async () => {
    const { world, run } = await switchedOff();
    world.toy.refuse = (call) => (call.action === 'SetSwitch' ? refusal : undefined);
    expect(await undo(run, planOf(run, 1), asking(planOf(run, 1)))).toMatchObject({ outcome: 'failed', note: { en: expect.stringContaining('NoPermission') } });
    delete world.toy.refuse;
    expect(cardsOf(run.state)[0]?.state).toBe('ready');
    expect(await undo(run, planOf(run, 1), asking(planOf(run, 1)))).toMatchObject({ outcome: 'undone' });
  });

  it('survives a crash at every boundary: never sent twice without reading, never forgotten', async () => {
    for (let at = 0, crashed = true; crashed; at += 1) {
      const { world, run } = await switchedOff();
      const plan = planOf(run, 1);
      crashed = false;
      try {
        await undo(aRun(world, aBreaker(at)), plan, asking(plan));
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        crashed = true;
      }
      const after = aRun(world);
      await drive(after, { budget });
      const asked = world.disk.entries.some(({ type }) => type === 'undo.asked');
      expect(world.toy.on['a']).toBe(asked);
      expect(world.toy.flips.filter((flip) => flip === 'a=true')).toHaveLength(asked ? 1 : 0);
      expect(world.disk.entries.filter(({ type }) => type === 'undo.finished')).toHaveLength(asked ? 1 : 0);
      expect(pendingOf(after.state)?.step).toBe('look');
      expect(at).toBeLessThan(60);
    }
  });

  it('whose answer never comes is settled by reading, or asked about', async () => {
    const { world, run } = await switchedOff();
    world.toy.afterEffect = () => lost;
    expect(await undo(run, planOf(run, 1), asking(planOf(run, 1)))).toMatchObject({ outcome: 'undone' });
    expect(world.disk.entries.findLast((entry) => entry.type === 'call.finished' && entry.effect === 'write')).toMatchObject({ how: 'reconciled', step: 'undo.1' });

    const blind = await switchedOff({ undo: (target) => [...(off.undo(target, null, {} as never) as []), ...(off.undo(target, null, {} as never) as [])] });
    blind.world.toy.afterEffect = () => lost;
    expect(await undo(blind.run, planOf(blind.run, 1), asking(planOf(blind.run, 1)))).toBeUndefined();
    expect(pendingOf(blind.run.state)).toMatchObject({ kind: 'in-doubt', targets: ['a'] });
    delete blind.world.toy.afterEffect;
    await say(blind.run, pendingOf(blind.run.state)?.step ?? '', 'happened');
    expect(cardsOf(blind.run.state)[0]?.state).toBe('undone');
    expect(pendingOf(blind.run.state)?.step).toBe('look');
  });
});

const refusal = { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } as const;
const lost = { ok: false, refusal: 'unknown', code: 'Timeout', message: 'no answer', retries: 0 } as const;

describe('a change that may stand only for a time', () => {
  const temporary = { debt: { what: both('switched off for now'), days: 30 } };

  it('keeps the case from ending until someone answers for it', async () => {
    const { run } = await switchedOff(temporary);
    expect(statusOf(run.state, '', 'en').debts).toEqual(
      ['a', 'b'].map((target, index) => ({ kind: 'temporary', debt: 1, what: 'switched off for now', target, due: '2026-04-13', card: index + 1 })),
    );
    await say(run, 'look', 'done');
    const pending = pendingOf(run.state);
    expect(pending).toMatchObject({ step: 'debt.1', kind: 'ask', targets: ['a', 'b'], expects: { format: 'owner; YYYY-MM-DD', example: 'platform team; 2026-04-13' } });
    for (const wrong of ['', 'yes', 'platform team', 'platform team; soon', 'platform team; 2026-02-30', '; 2026-12-01', 'platform team; 2026-03-13'])
      await expect(giveAnswer(run, { step: 'debt.1', value: wrong, via: 'answer', lang: 'en' })).rejects.toMatchObject({ code: 'E_VALUE' });
    await say(run, 'debt.1', pending?.expects?.example ?? '');
    expect(run.state.closed).toMatchObject({ outcome: 'closed', as: 'handled' });
    expect(statusOf(run.state, '', 'en').debts).toMatchObject([{ owner: 'platform team', due: '2026-04-13', card: 1 }, { card: 2 }]);
  });

  it('is no debt any more once it is undone', async () => {
    const { run } = await switchedOff(temporary);
    await undo(run, planOf(run, 1), asking(planOf(run, 1)));
    await say(run, 'look', 'done');
    expect(pendingOf(run.state)).toMatchObject({ step: 'debt.1', targets: ['b'] });
    await undo(run, planOf(run, 2), asking(planOf(run, 2)));
    await drive(run, { budget });
    expect(openDebts(run.state)).toEqual([]);
    expect(run.state.closed).toMatchObject({ outcome: 'closed' });
  });

  it('that the cloud refused owes nothing', async () => {
    const world = aWorld(runbook, Object.assign(aToy('a'), { refuse: (call: { action: string }) => (call.action === 'SetSwitch' ? refusal : undefined) }), {
      ...toyOperations,
      'toy.off': { ...off, ...temporary },
    });
    const run = aRun(world);
    await drive(run, { budget });
    await say(run, 'approve', pendingOf(run.state)?.expects?.text ?? '');
    await say(run, 'off', 'go-on');
    await say(run, 'look', 'done');
    expect(run.state.closed).toMatchObject({ outcome: 'closed' });
    expect(statusOf(run.state, '', 'en').debts).toEqual([]);
  });
});

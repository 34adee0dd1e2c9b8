import { describe, expect, it } from 'vitest';
import { giveAnswer, tick, waive } from '../../src/engine/answer.ts';
import { openDebts } from '../../src/engine/debts.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import { current } from '../../src/engine/frame.ts';
import type { Run } from '../../src/engine/run.ts';
import { acceptSigned, countersign, requestApproval } from '../../src/engine/second.ts';
import { aRunbook } from '../support/runbooks.ts';
import { anSshKey } from '../support/ssh.ts';
import { aDeletingWorld, aRunBy, deletingBook, onward, typeText } from '../support/two.ts';
import type { World } from '../support/world.ts';

const minuteMs = 60_000;
const later = (world: World, minutes: number): void => world.clock.jumpTo(new Date(world.clock.now().getTime() + minutes * minuteMs).toISOString());

/** At the list, nobody having spoken. */
async function atTheList(world = aDeletingWorld()): Promise<{ readonly world: World; readonly run: Run }> {
  const run = aRunBy(world, 'ana');
  await onward(run, world);
  expect(pendingOf(run.state)).toMatchObject({ step: 'agree', kind: 'approve', two: {} });
  return { world, run };
}

/** Refused, with nothing written. */
async function expectRefused(world: World, attempt: () => Promise<unknown>, code: string): Promise<void> {
  const before = world.disk.entries.length;
  await expect(attempt()).rejects.toMatchObject({ code });
  expect(world.disk.entries).toHaveLength(before);
}

describe('a list that can not be undone', () => {
  it('is not approved by one person, however often they type its text', async () => {
    const { world, run } = await atTheList();
    await typeText(run);
    await onward(run, world);
    expect(pendingOf(run.state)).toMatchObject({ step: 'agree', kind: 'approve', two: { first: 'ana' } });
    await expectRefused(world, () => typeText(run), 'E_GUARD');
    await expectRefused(world, () => typeText(run, ' ANA '), 'E_GUARD');
    for (const name of ['  ', 'a\nb', 'x'.repeat(65)]) await expectRefused(world, () => typeText(run, name), 'E_VALUE');
    expect(world.toy.flips).toEqual([]);
  });

  it('is approved when another person types the same text', async () => {
    const { world, run } = await atTheList();
    await typeText(run);
    const other = aRunBy(world, 'bo');
    await typeText(other);
    await onward(other, world);
    expect(world.toy.flips.toSorted()).toEqual(['a=false', 'b=false']);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'approval.seconded', how: 'typed', second: 'bo', by: 'bo' }));
  });

  it('is approved when the first names the second, at once or later', async () => {
    const { world, run } = await atTheList();
    await typeText(run, 'bo');
    await onward(run, world);
    expect(world.toy.flips).toHaveLength(2);
    const again = await atTheList();
    await typeText(again.run);
    await typeText(again.run, 'bo');
    expect(again.world.disk.entries).toContainEqual(expect.objectContaining({ type: 'approval.seconded', how: 'named', second: 'bo', by: 'ana' }));
  });

  it('asks for both anew when the list changes', async () => {
    const { world, run } = await atTheList(aDeletingWorld(deletingBook(), 'a', 'ours-1'));
    await typeText(run);
    await tick(run, ['ours-1']);
    expect(pendingOf(run.state)?.two?.first).toBeUndefined();
    const other = aRunBy(world, 'bo');
    await typeText(other);
    await onward(other, world);
    expect(pendingOf(other.state)).toMatchObject({ step: 'agree', two: { first: 'bo' } });
    expect(world.toy.flips).toEqual([]);
  });

  it('is declined by one person, first or second', async () => {
    const { world, run } = await atTheList();
    await typeText(run);
    await giveAnswer(aRunBy(world, 'bo'), { step: 'agree', value: 'no', via: 'answer', lang: 'en' });
    const after = aRunBy(world, 'ana');
    await onward(after, world);
    expect(after.state.closed).toBeDefined();
    expect(world.toy.flips).toEqual([]);
  });

  it('says the same after a restart', async () => {
    const { world, run } = await atTheList();
    await typeText(run);
    expect(pendingOf(aRunBy(world, 'ana').state)).toEqual(pendingOf(run.state));
  });

  it('takes no second person for a list that needs none', async () => {
    const book = aRunbook({ steps: deletingBook().steps.map((step) => (step.id === 'delete' ? { ...step, use: 'toy.off' } : step)) });
    const world = aDeletingWorld(book);
    const run = aRunBy(world, 'ana');
    await onward(run, world);
    expect(pendingOf(run.state)?.two).toBeUndefined();
    await expectRefused(world, () => typeText(run, 'bo'), 'E_VALUE');
    await typeText(run);
    expect(current(run.state).step.id).toBe('delete');
  });
});

describe('a signed approval', () => {
  const [bo, ana, stranger] = [anSshKey(), anSshKey(), anSshKey()];
  const roster = [
    { names: ['Bo', 'bo-laptop'], key: bo.line },
    { names: ['Ana', 'ana'], key: ana.line },
  ];

  async function asked(): Promise<{ readonly world: World; readonly run: Run; readonly request: string }> {
    const { world, run } = await atTheList();
    await typeText(run);
    return { world, run, request: (await requestApproval(run, 'agree')).request };
  }

  it('names case, step, list and its end in one line of our own characters', async () => {
    const { run, request } = await asked();
    const { batch } = current(run.state).work;
    expect(request).toMatch(/^[\x20-\x7e]+$/);
    expect(request).not.toContain("'");
    for (const part of ['case=case-1 ', 'origin=exercise ', 'key=', 'step=agree ', `text="${batch?.text}"`, 'targets=2 ', `sha256=${batch?.sha256} `, 'expires=2026-'])
      expect(request).toContain(part);
  });

  it.for(['', '\n'])('of another person of the roster approves (line end %j)', async (ending) => {
    const { world, run, request } = await asked();
    await acceptSigned(run, 'agree', `Here it is:\n${bo.sign(Buffer.from(request + ending))}`, roster);
    await onward(run, world);
    expect(world.toy.flips).toHaveLength(2);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'approval.seconded', how: 'signed', second: 'Bo', key: bo.line, request: request + ending }));
  });

  it.for([
    ['a key that is not on the roster', (request: string): string => stranger.sign(Buffer.from(request))],
    ['the first person’s own key', (request: string): string => ana.sign(Buffer.from(request))],
    ['a key of the roster, for something else', (request: string): string => bo.sign(Buffer.from(request), { namespace: 'git' })],
    ['a key of the roster, over another list', (request: string): string => bo.sign(Buffer.from(request.replace(/sha256=./, 'sha256=0')))],
    ['a key of the roster, over a later end', (request: string): string => bo.sign(Buffer.from(request.replace('expires=2026', 'expires=2036')))],
    ['nobody', (): string => 'approved!'],
  ] as const)('by %s is refused, and nothing changes', async ([, sign]) => {
    const { world, run, request } = await asked();
    await expectRefused(world, () => acceptSigned(run, 'agree', sign(request), roster), 'E_GUARD');
    await onward(run, world);
    expect(world.toy.flips).toEqual([]);
  });

  it('that comes too late is refused', async () => {
    const { world, run, request } = await asked();
    later(world, 31);
    await expectRefused(world, () => acceptSigned(run, 'agree', bo.sign(Buffer.from(request)), roster), 'E_GUARD');
  });

  it('for a list that has changed since is refused', async () => {
    const { world, run } = await atTheList(aDeletingWorld(deletingBook(), 'a', 'ours-1'));
    await typeText(run);
    const { request } = await requestApproval(run, 'agree');
    await tick(run, ['ours-1']);
    await typeText(run);
    await expectRefused(world, () => acceptSigned(run, 'agree', bo.sign(Buffer.from(request)), roster), 'E_GUARD');
  });

  it('before the first person has spoken is refused', async () => {
    const { world, run } = await atTheList();
    const { request } = await requestApproval(run, 'agree');
    await expectRefused(world, () => acceptSigned(run, 'agree', bo.sign(Buffer.from(request)), roster), 'E_STALE');
    await expectRefused(world, () => requestApproval(run, 'elsewhere'), 'E_STALE');
  });
});

describe('when nobody else can be reached', () => {
  it('a waiver needs who was tried and when', async () => {
    const { world, run } = await atTheList();
    await expectRefused(world, () => waive(run, 'agree', 'nobody answers'), 'E_VALUE');
    await waive(run, 'agree', 'nobody answers', { tried: ['Bo, 03:12, by phone'] });
    await expectRefused(world, () => waive(run, 'agree', 'once more, 03:40'), 'E_STALE');
  });

  it('the first person alone is enough, but only half an hour later, and then owes a countersignature', async () => {
    const { world, run } = await atTheList();
    await typeText(run);
    await waive(run, 'agree', 'tried Bo 03:12 and Chen 03:14, nobody answers');
    const dueAt = pendingOf(run.state)?.dueAt ?? '';
    expect(Date.parse(dueAt) - world.clock.now().getTime()).toBe(30 * minuteMs);
    later(world, 29);
    await expectRefused(world, () => typeText(run), 'E_GUARD');
    expect(world.toy.flips).toEqual([]);
    later(world, 1);
    await typeText(run);
    await onward(run, world);
    expect(world.toy.flips).toHaveLength(2);
    expect(run.state.countersigns).toMatchObject([{ step: 'agree', first: 'ana', signed: false }]);
    expect(Date.parse(run.state.countersigns[0]?.dueAt ?? '') - Date.parse(dueAt)).toBe(24 * 3_600_000);
    expect(openDebts(run.state)).toMatchObject([{ kind: 'countersign', items: [{ target: 'agree' }] }]);
  });

  it('another person pays that debt later, by typing the text or by a signature; the first can not', async () => {
    const alone = async (): Promise<{ readonly world: World; readonly run: Run; readonly text: string }> => {
      const { world, run } = await atTheList();
      const text = pendingOf(run.state)?.expects?.text ?? '';
      await typeText(run);
      await waive(run, 'agree', 'tried Bo 03:12');
      later(world, 30);
      await typeText(run);
      await onward(run, world);
      return { world, run, text };
    };
    const typed = await alone();
    await expectRefused(typed.world, () => countersign(typed.run, 'agree', typed.text), 'E_GUARD');
    const other = aRunBy(typed.world, 'bo');
    await expectRefused(typed.world, () => countersign(other, 'agree', 'delete 9 0000'), 'E_VALUE');
    expect(await countersign(other, 'note', typed.text)).toBe(false);
    expect(await countersign(other, 'agree', typed.text)).toBe(true);
    expect(other.state.countersigns).toMatchObject([{ signed: true }]);
    expect(openDebts(other.state)).toEqual([]);

    const signed = await alone();
    const key = anSshKey();
    const { request } = await requestApproval(signed.run, 'agree');
    await acceptSigned(signed.run, 'agree', key.sign(Buffer.from(request)), [{ names: ['Bo'], key: key.line }]);
    expect(signed.run.state.countersigns).toMatchObject([{ signed: true }]);
    expect(current(signed.run.state).step.id).toBe('note');
  });

  it('a second person who turns up in time makes the waiver needless', async () => {
    const { world, run } = await atTheList();
    await typeText(run);
    await waive(run, 'agree', 'tried Bo 03:12');
    const other = aRunBy(world, 'bo');
    await typeText(other);
    await onward(other, world);
    expect(world.toy.flips).toHaveLength(2);
    expect(other.state.countersigns).toEqual([]);
  });
});

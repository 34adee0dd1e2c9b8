// One random case in memory, played and judged: what a run of many seeds does for each.
import { expect } from 'vitest';
import { statusOf } from '../../src/cli/status.ts';
import type { Entry } from '../../src/casefile/entry.ts';
import { breaches } from './laws.ts';
import { aMemory, self } from './memory.ts';
import { dice, playAtRandom, tableInMemory, type Played } from './player.ts';

/** Plays the seed; fails where a law is broken, the case does not verify, or a debt is forgotten. */
export async function playInMemory(seed: number): Promise<Played> {
  const memory = aMemory(dice(seed ^ 0x5eed));
  const played = await playAtRandom(tableInMemory(memory), seed, []);
  const { store } = memory.run.ports;
  const entries = store.entries();
  const hint = `seed ${seed}`;
  expect(played.halfWritten, hint).toEqual([]);
  expect(breaches({ entries, effects: memory.effects, self, needs: { 'ram:SetSwitch': 'volatile' } }).filter(excused(entries)), hint).toEqual([]);
  expect(
    memory.effects.filter(({ targets }) => targets.includes(self.accessKeyId)),
    hint,
  ).toEqual([]);
  expect(memory.verify(), hint).toMatchObject({ exit: 0, problems: [] });
  const { debts, outcome } = statusOf(memory.run.state, store.witness(), 'en');
  const listed = new Set(debts.map(({ kind, target }) => `${String(kind)} ${String(target)}`));
  for (const owed of owedIn(entries)) expect(listed, hint).toContain(owed);
  if (outcome === 'closed')
    expect(
      debts.filter(({ owner, second }) => owner === undefined && second === undefined),
      hint,
    ).toEqual([]);
  return played;
}

/** An effect whose answer was lost is in the trail by its intent and by what was read, not by its request. */
function excused(entries: readonly Entry[]): (breach: string) => boolean {
  const settled = new Set(
    entries.flatMap((entry) => (entry.type === 'call.finished' && entry.effect === 'write' && entry.how !== 'first' ? [`${entry.action} on ${entry.target ?? ''}`] : [])),
  );
  return (breach) => ![...settled].some((call) => breach.startsWith(`the account saw ${call},`));
}

/** What still stands by the trail alone: changes made for a time and not taken back, waivers. */
function owedIn(entries: readonly Entry[]): ReadonlySet<string> {
  const owed = new Set<string>();
  const temporary = new Map<number, string>();
  /** The card a call was saved for: the newest of its step and target. */
  const newest = new Map<string, number>();
  const cardOf = new Map<string, number>();
  const made = new Set<number>();
  const key = (entry: { readonly step: string; readonly frame?: string }, target: string): string => `${entry.frame ?? ''}/${entry.step} ${target}`;
  for (const entry of entries) {
    if (entry.type === 'waiver.given' && entry.target !== undefined) owed.add(`waiver ${entry.target}`);
    if (entry.type === 'undo.saved') newest.set(key(entry, entry.target), entry.card);
    if (entry.type === 'undo.saved' && entry.debt !== undefined) temporary.set(entry.card, entry.target);
    if (entry.type === 'call.intended' && entry.target !== undefined) cardOf.set(entry.call, newest.get(key(entry, entry.target)) ?? 0);
    if (entry.type === 'call.finished' && entry.effect === 'write' && entry.result === 'done') made.add(cardOf.get(entry.call) ?? 0);
    if (entry.type === 'undo.finished' && entry.outcome === 'undone') temporary.delete(entry.card);
  }
  for (const [card, target] of temporary) if (made.has(card)) owed.add(`temporary ${target}`);
  return owed;
}

// Sixty random cases in memory, with an account that refuses and loses answers. A thousand, and more over HTTP: npm run test:random.
import { describe, expect, it } from 'vitest';
import { breaches, type Night } from '../support/laws.ts';
import { aMemory, self } from '../support/memory.ts';
import { dice, playAtRandom, tableInMemory } from '../support/player.ts';
import { playInMemory } from '../support/random-case.ts';

const kinds = ['ask', 'decide', 'approve', 'manual', 'notify', 'review', 'watch', 'failed', 'in-doubt'];
const moves = ['skip', 'jump', 'waive', 'waive second', 'abort', 'tick', 'undo', 'undo wrong refused', 'wrong refused', 'stale refused', 'jump refused'];

describe('a player who does anything, in memory', () => {
  it('ends sixty cases, breaks no law, meets every kind of question and makes every kind of move', async () => {
    const played = [];
    for (let seed = 1; seed <= 60; seed += 1) played.push(await playInMemory(seed));
    expect([...new Set(played.flatMap((one) => [...one.kinds]))].toSorted()).toEqual(kinds.toSorted());
    const made = new Set(played.flatMap((one) => Object.keys(one.moves)));
    expect(moves.filter((move) => !made.has(move))).toEqual([]);
  }, 60_000);
});

describe('the reader of laws', () => {
  /** The first seed whose player took something back. */
  async function undone(): Promise<Night> {
    for (let seed = 1; ; seed += 1) {
      const memory = aMemory(dice(seed ^ 0x5eed));
      await playAtRandom(tableInMemory(memory), seed, []);
      const entries = memory.run.ports.store.entries();
      if (entries.some((entry) => entry.type === 'undo.finished' && entry.outcome === 'undone')) return { entries, effects: [], self, needs: {} };
    }
  }

  it('sees an undo nobody asked for, with another text, or of another card', async () => {
    const night = await undone();
    const seen = (entries: Night['entries']): string => breaches({ ...night, entries }).join('\n');
    expect(seen(night.entries)).not.toMatch(/undoes|undid|card \d+/);
    expect(seen(night.entries.filter(({ type }) => type !== 'undo.asked'))).toMatch(/SetSwitch undoes something nobody asked for/);
    expect(seen(night.entries.map((entry) => (entry.type === 'undo.asked' ? { ...entry, text: 'yes' } : entry)))).toMatch(/"yes" undid something/);
    expect(seen(night.entries.map((entry) => (entry.type === 'undo.asked' ? { ...entry, calls: [] } : entry)))).toMatch(/card \d+ is not what was saved/);
    expect(seen(night.entries.filter(({ type }) => type !== 'undo.saved'))).toMatch(/was never saved/);
  });
});

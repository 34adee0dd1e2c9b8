// A player who does anything, by seed: every case ends, verifies, breaks no law. More of them: npm run test:random.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import type { Entry } from '../../src/casefile/entry.ts';
import { newSession } from '../../src/cli/session.ts';
import type { Effect } from '../../src/range/world.ts';
import { openLightCloud } from '../support/crash-cloud.ts';
import { aShell, disk, runbook, scenario } from '../support/crash-shell.ts';
import { breaches, type Night } from '../support/laws.ts';
import { playAtRandom, tableOf } from '../support/player.ts';

const folder = mkdtempSync(join(tmpdir(), 'firebreak-random-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const own = { accessKeyId: 'LTAI5tEXAMPLEir00009', userName: 'ir-oncall' };
const leaked = 'LTAI5tEXAMPLEci00001';
/** Mostly the right one; the child, our own, and nobody's are wrong. */
const keys = [leaked, leaked, leaked, leaked, 'LTAI5tEXAMPLEbk00002', own.accessKeyId, 'LTAI5tEXAMPLEno99999'];
const seeds = Array.from({ length: Number(process.env['FIREBREAK_SEEDS'] ?? 4) }, (_, index) => index + 1);
const needs = Object.fromEntries(
  Object.values(actions).flatMap((action) => (action.kind === 'action' && action.needs.includes('volatile') ? [['ecs:StopInstances', 'volatile']] : [])),
);

let sample: Night | undefined;

describe('a player who does anything', () => {
  it.each(seeds)(
    'ends the case with seed %i, and no law is broken',
    async (seed) => {
      const root = join(folder, String(seed));
      const id = `RANDOM-${seed}`;
      const session = await newSession(aShell({ root, open: (options) => openLightCloud(options, 'firebreak') }), { runbook, scenario, id, time: { kind: 'virtual' } });
      try {
        const played = await playAtRandom(tableOf(session), seed, keys);
        expect(played.halfWritten).toEqual([]);
        const entries = [...session.store.entries()];
        const effects = (session.range?.effects() ?? []).filter(({ accessKeyId }) => accessKeyId === own.accessKeyId);
        const record = { entries, effects, self: own, needs };
        expect(breaches(record)).toEqual([]);
        if (effects.some(({ action }) => action === 'StopInstances')) sample ??= record;
      } finally {
        await session.close();
      }
      expect(await disk.verifyCase(join(root, 'vault', id), { witnesses: [], open: false })).toMatchObject({ exit: 0 });
    },
    120_000,
  );
});

describe('the reader of laws', () => {
  const without = (record: Night, leave: (entry: Entry) => boolean): Night => ({ ...record, entries: record.entries.filter((entry) => !leave(entry)) });

  it.each([
    [
      'an approval that is gone',
      (all: Night) => without(all, (entry) => entry.type === 'answer.given' && entry.step === 'approve-stop'),
      /StopInstances on i-.*, which nobody approved/,
    ],
    ['evidence that is gone', (all: Night) => without(all, (entry) => entry.type === 'evidence.sealed' && entry.kind === 'volatile'), /before its volatile was sealed/],
    ['an intent that is gone', (all: Night) => without(all, (entry) => entry.type === 'call.intended' && entry.action === 'StopInstances'), /ended without an intent/],
    [
      'an outcome that is gone',
      (all: Night) => without(all, (entry) => entry.type === 'call.finished' && entry.action === 'StopInstances'),
      /closed over|the trail does not have it/,
    ],
    ['an end that is gone', (all: Night) => without(all, (entry) => entry.type === 'case.closed'), /never ended/],
    ['an effect nobody recorded', (all: Night) => ({ ...all, effects: [...all.effects, { ...(all.effects[0] as Effect), requestId: 'ELSE' }] }), /the trail does not have it/],
    ['an effect that never was', (all: Night) => ({ ...all, effects: all.effects.slice(1) }), /the account never saw it/],
    ['a change of ourselves', (all: Night) => ({ ...all, self: { ...own, accessKeyId: leaked } }), /on ourselves/],
  ])('sees %s', (_, doctor, breach) => {
    expect(sample).toBeDefined();
    expect(breaches(doctor(sample as Night)).join('\n')).toMatch(breach);
  });
});

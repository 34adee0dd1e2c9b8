import { describe, expect, it } from 'vitest';
import type { Draft } from '../../src/casefile/entry.ts';
import { frameOf, sheetOf } from '../../src/cli/screen.ts';
import { timerRow } from '../../src/cli/screen-timers.ts';
import { width } from '../../src/cli/screen-text.ts';
import { parseOrganisation } from '../../src/engine/organisation-file.ts';
import type { Run } from '../../src/engine/run.ts';
import { languages } from '../../src/text.ts';
import { both } from '../support/runbooks.ts';
import { advanced, aView, oneStepBook, pendingIn } from '../support/screens.ts';
import { aRun, aWorld, type World } from '../support/world.ts';

const settled = `
contacts:
  lead: [{ name: "Example Lead", phone: '1' }, { name: "Example Deputy", phone: '2' }]
  legal: [{ name: Example Counsel, phone: '3' }]
messages: { sample/tell: { en: 'Ours: {lead} {detectedAt}', zh: '我方：{lead} {detectedAt}' } }
statusEveryMinutes: 30
clocks:
  - { id: regulator, name: { en: Regulator, zh: 监管 }, hours: 72, from: detectedAt }
  - { id: insurer, name: { en: Insurer, zh: 保险 }, hours: 1, from: opened }
knownNetworks: [{ name: office, cidrs: [198.51.100.0/24] }]
`;

function record(world: World, draft: Draft, at = world.clock.now().toISOString()): void {
  world.disk.entries.push({ ...draft, seq: world.disk.entries.length, prev: '', at, sig: '' });
}

/** A case at a notify step, opened with the settings above. */
async function aCase(step: Readonly<Record<string, unknown>> = {}): Promise<{ readonly world: World; readonly run: Run }> {
  const book = oneStepBook({ id: 'tell', kind: 'notify', who: both('the lead'), message: both('A key leaked.'), on: { done: 'close', failed: 'close' }, ...step });
  const world = aWorld(book);
  record(world, { type: 'organisation.recorded', sha256: 'a'.repeat(64), organisation: parseOrganisation(settled, 'f').organisation as never });
  return { world, run: await advanced(aRun(world)) };
}

const minutes = (world: World, n: number): void => world.clock.jumpTo(new Date(Date.parse('2026-03-14T19:00:00Z') + n * 60_000).toISOString());
const rowOf = (run: Run, columns = 80): string | undefined => timerRow(aView(run), columns)?.text;

describe('the row of timers', () => {
  it('is not there where nothing was settled', async () => {
    expect(timerRow(aView(await advanced(aRun(aWorld(oneStepBook({ id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } }))))), 80)).toBeUndefined();
  });

  it('counts down to the next update and the nearest clock, and says what is overdue first', async () => {
    const { world, run } = await aCase();
    expect(rowOf(run)).toBe('status update in 30 min | Insurer in 1 h 00');
    minutes(world, 34);
    expect(timerRow(aView(run), 80)).toEqual({ text: 'status update OVERDUE by 4 min | Insurer in 26 min', late: true });
    minutes(world, 65);
    expect(timerRow(aView(run), 30)?.text).toBe('status update OVERDUE by 35 m…');
  });

  it('starts a clock when its moment is known, and stops it when those were told', async () => {
    const { world, run } = await aCase();
    Object.assign((run.state.frames[0] as { facts: object }).facts, { detectedAt: '2026-03-14T18:00:00Z' });
    expect(rowOf(run)).toContain('Regulator in 2 d 23 h');
    record(world, { type: 'note.added', text: 'told them', by: 'a', told: 'insurer' });
    minutes(world, 20);
    record(world, { type: 'note.added', text: 'told them', by: 'a', told: 'status' });
    expect(rowOf(run)).toBe('status update in 30 min | Regulator in 2 d 22 h');
    minutes(world, 30);
    record(world, { type: 'answer.given', step: 'tell', visit: 1, kind: 'notify', value: 'done', by: 'a', via: 'terminal' });
    expect(rowOf(run)).toContain('status update in 30 min');
  });

  it('fits its window and stands third on the screen, which stays within 24 rows', async () => {
    const { run } = await aCase();
    for (const lang of languages) {
      const view = aView(run, lang);
      for (const columns of [40, 80, 100]) expect(width(timerRow(view, columns)?.text ?? '')).toBeLessThanOrEqual(columns);
      const { rows } = frameOf(view, sheetOf(view, pendingIn(run)), { columns: 80, rows: 24 });
      expect(rows.length).toBeLessThanOrEqual(24);
      expect(rows[2]?.text).toContain('30 ');
      expect(rows.at(-1)?.text).toContain('q ');
    }
  });
});

describe('a notify step of an organisation that settled whom to tell', () => {
  const screen = (run: Run): string =>
    frameOf(aView(run), sheetOf(aView(run), pendingIn(run)), { columns: 80, rows: 30 })
      .rows.map(({ text }) => text)
      .join('\n');

  it('shows everybody, or those of its roles, and the own text instead of the runbook’s', async () => {
    const { run } = await aCase();
    const shown = screen(run);
    for (const part of ['lead: Example Lead, 1', 'lead: Example Deputy, 2', 'legal: Example Counsel, 3', 'Ours: ? ?']) expect(shown).toContain(part);
    expect(shown).not.toContain('A key leaked.');
    const legal = screen((await aCase({ roles: ['legal', 'nobody'] })).run);
    expect(legal).toContain('legal: Example Counsel, 3');
    expect(legal).not.toContain('Example Deputy');
  });

  it('gives steps its networks as a fact', async () => {
    const { run } = await aCase();
    expect(run.state.frames[0]?.facts['knownNetworks']).toEqual(['198.51.100.0/24']);
    expect(aRun(aWorld(oneStepBook({ id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } }))).state.frames[0]?.facts['knownNetworks']).toEqual([]);
  });
});

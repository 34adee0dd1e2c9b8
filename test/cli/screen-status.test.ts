import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { jobsRow, keysRow, shortKey, span, statusRows, type View } from '../../src/cli/screen-status.ts';
import { width } from '../../src/cli/screen-text.ts';
import { wordsOf } from '../../src/cli/words.ts';
import type { Frame, Job } from '../../src/engine/frame.ts';
import { languages, type Json } from '../../src/text.ts';
import { advanced, aView, cutBook } from '../support/screens.ts';
import { aRun, aWorld } from '../support/world.ts';

const key = 'LTAI5tEXAMPLEci00001';
const now = '2026-03-14T19:30:00.000Z';

/** A view on a case whose facts and entries are what the test says. */
async function aCase(facts: Readonly<Record<string, Json>>, more: readonly object[] = []): Promise<View> {
  const run = await advanced(aRun(aWorld(cutBook())));
  const frame = run.state.frames[0] as Frame;
  Object.assign(frame.facts, facts);
  for (const use of ['ram.disableAccessKeys', 'ims.limitAccessKeys', 'ram.denyOwner']) (frame.steps as Map<string, unknown>).set(use, { kind: 'act', use });
  return { ...aView(run), now, entries: [...run.ports.store.entries(), ...(more as Entry[])] };
}

const settled = (status: string, at: string, step = 'ram.disableAccessKeys', target = key): object => ({ type: 'target.settled', step, target, status, at });
const second = (view: View, columns = 80): string => statusRows(view, columns)[1];

describe('the first status row', () => {
  it('holds mode, account, case, phase and the clock at UTC+8', async () => {
    const view = await aCase({ account: '1000000000000042' });
    expect(statusRows(view, 80)[0]).toMatch(/^EXERCISE {2}\*{4}0042 \(not confirmed\) {2}case-1 {2}WORK 1\/1 +03:30:00 UTC\+8$/);
    expect(width(statusRows(view, 80)[0])).toBe(80);
  });

  it('loses the least important parts first when the window is narrow, never the mode', async () => {
    const view = await aCase({ account: '1000000000000042' });
    const [row] = statusRows(view, 40);
    expect(width(row)).toBe(40);
    expect(row).toMatch(/^EXERCISE .* 03:30:00 UTC\+8$/);
  });
});

describe('the second status row', () => {
  it('says STILL ACTIVE until a key is settled as cut, then since when', async () => {
    const facts = { accessKeyId: key, detectedAt: '2026-03-14T19:04:00Z', lastSeen: '2026-03-14T19:28:45Z' };
    expect(second(await aCase(facts))).toBe('found 26 min ago | key LTAI5t..0001 STILL ACTIVE | last seen 75 s ago');
    expect(second(await aCase(facts, [settled('failed', now)]))).toContain('STILL ACTIVE');
    expect(second(await aCase(facts, [settled('done', '2026-03-14T19:20:00.000Z')]))).toBe('found 26 min ago | key CUT 10 min ago');
    expect(second(await aCase(facts, [settled('already', '2026-03-14T19:20:00.000Z')]))).toContain('was inactive');
  });

  it('does not call a key cut that was only limited or denied', async () => {
    const facts = { accessKeyId: key, owner: { userName: 'build' } };
    const at = '2026-03-14T19:20:00.000Z';
    const limited = settled('done', at, 'ims.limitAccessKeys');
    const denied = settled('done', at, 'ram.denyOwner', 'build');
    expect(second(await aCase(facts, [limited]))).toBe('key LIMITED 10 min ago, still works');
    expect(second(await aCase(facts, [denied]))).toBe('key DENIED in part 10 min ago, still works');
    expect(second(await aCase(facts, [limited, denied]))).toContain('LIMITED');
    expect(second(await aCase(facts, [settled('done', at), limited]))).toContain('CUT');
    expect(second(await aCase(facts, [settled('done', at, 'ram.denyOwner', 'somebody')]))).toContain('STILL ACTIVE');
  });

  it('shows the burn once a figure is known, the newest one, and nothing for one that is not', async () => {
    expect(second(await aCase({ rogueSummary: { cnyPerHour: 2310.5 } }))).toBe('burning 2,310.5 CNY/h');
    expect(second(await aCase({ rogueSummary: { cnyPerHour: 2310 }, burnAfter: 41 }))).toBe('burning 41 CNY/h');
    expect(second(await aCase({ rogueSummary: { cnyPerHour: null } }))).toBe('');
  });

  it('has room for all four at 80 columns', async () => {
    const view = await aCase({ accessKeyId: key, detectedAt: '2026-03-14T18:25:00Z', burnAfter: 2310 }, [settled('done', '2026-03-14T18:29:00.000Z')]);
    const frame = view.state.frames[0] as Frame;
    (frame.steps as Map<string, unknown>).set('quiet', { kind: 'watch' });
    frame.jobs = { quiet: { job: 'quiet', status: 'running', progress: { done: 250, total: 900 } } as never };
    expect(second(view)).toBe('found 1 h 05 ago | key CUT 1 h 01 ago | quiet 4 of 15 min | burning 2,310 CNY/h');
  });

  it('says first of all when the outcome of a call is not known', async () => {
    const view = await aCase({ accessKeyId: key });
    view.state.openCalls['c1'] = {} as never;
    expect(second(view)).toMatch(/^outcome of 1 call\(s\) not known/);
  });
});

describe('the jobs row', () => {
  const job = (over: Partial<Job>): Job => ({
    job: 'record',
    visit: 1,
    status: 'running',
    outcome: undefined,
    cursor: undefined,
    waitUntil: undefined,
    progress: undefined,
    trouble: undefined,
    ...over,
  });

  it('gives each job a few characters and new findings the first place', async () => {
    const view = await aCase({});
    expect(jobsRow(view, 80)).toBe('jobs (j)  none');
    (view.state.frames[0] as Frame).jobs = {
      record: job({ progress: { done: 3, total: 12 } }),
      other: job({ job: 'other', status: 'failed' }),
      last: job({ job: 'last', status: 'finished', outcome: 'some' }),
    };
    expect(jobsRow(view, 80)).toBe('jobs (j)  record 25% | other FAILED | last done, with gaps');
    view.state.findings = [{}, {}, {}];
    expect(jobsRow({ ...view, seen: 1 }, 80)).toMatch(/^jobs \(j\) {2}2 new finding\(s\) \| record/);
  });
});

describe('words and spans', () => {
  it('always keeps help and quit on the key row', () => {
    for (const lang of languages) {
      const row = keysRow(['v', 'c', 'd', 'h', 's', 'w', '!', 'f', 'j', '?', 'q'], 'letter+Enter:', 40, wordsOf(lang));
      expect(width(row)).toBeLessThanOrEqual(40);
      expect(row).toMatch(/\? \S+ {2}q \S+$/);
    }
  });

  it('rounds time down, in words a tired person reads', () => {
    const words = wordsOf('en');
    const ago = (seconds: number): string => span(now, new Date(Date.parse(now) - seconds * 1000).toISOString(), words);
    expect([5, 89, 90, 3599, 3600 + 300, 50 * 3600, -5].map(ago)).toEqual(['5 s', '89 s', '1 min', '59 min', '1 h 05', '2 d 2 h', '0 s']);
  });

  it('tells keys apart in a few characters and shows a hostile one as text', () => {
    expect(shortKey(key)).toBe('LTAI5t..0001');
    expect(shortKey('\u001b[2J')).toBe(String.raw`\u{1b}[2J`);
  });
});

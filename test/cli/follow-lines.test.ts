// A whole drill as somebody watches it: every row fits, says when, and what only the engine cares about is silent.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { linesOf } from '../../src/cli/follow-lines.ts';
import { width } from '../../src/cli/screen-text.ts';
import { fold, replay } from '../../src/engine/state.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { languages, type Lang } from '../../src/text.ts';
import { aCli, type Cli } from '../support/cli.ts';
import { aStory, library } from '../support/story.ts';

let cli: Cli;
let played: readonly Entry[];
const books = (sha: string): Runbook => library(sha) as Runbook;

beforeAll(async () => {
  cli = await aCli();
  await cli.call(['drill', '--case', 'EX']);
  played = (await cli.entries('EX')) as unknown as readonly Entry[];
}, 90_000);
afterAll(async () => cli.end());

function told(entries: readonly Entry[], lang: Lang): readonly string[] {
  const state = replay(entries.slice(0, 1), books);
  return entries.slice(1).flatMap((entry) => {
    const before = { phase: state.phase, findings: state.findings.length };
    fold(state, entry, books);
    return linesOf(entry, { state, lang, before });
  });
}

describe('the rows of a watch', () => {
  it.each(languages)('fit 80 columns but for witness lines, each with its time (%s)', (lang) => {
    const rows = told(played, lang);
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.length).toBeLessThan(played.length / 8);
    for (const row of rows) {
      expect(row).toMatch(/^(\d\d:\d\d:\d\d {2}| {10})\S/);
      if (!row.includes('sha256=')) expect(width(row), row).toBeLessThanOrEqual(80);
    }
  });

  it('tell each answer, approval, change, phase, witness and finding once', () => {
    const text = told(played, 'en')
      .join('\n')
      .replaceAll(/\n {10}/g, ' ');
    const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
    const of = (pick: (entry: Entry) => boolean): number => played.filter(pick).length;
    expect(count(/ APPROVED by | declined by | answers /g)).toBe(of(({ type }) => type === 'answer.given'));
    expect(count(/ APPROVED by /g)).toBe(of((entry) => entry.type === 'answer.given' && entry.kind === 'approve' && entry.value !== 'no'));
    expect(count(/^\S+ {2}(ram|ims|ecs|actiontrail):\w+ /gm)).toBe(
      of((entry) => entry.type === 'call.finished' && (entry.effect === 'write' || (!['done', 'already'].includes(entry.result) && entry.code !== 'DryRunOperation'))),
    );
    expect(count(/ witness \(/g)).toBe(of(({ type }) => type === 'witness.given'));
    expect(count(/== [A-Z ]+ \d\/9 ==/g)).toBe(9);
    const state = replay(played, books);
    expect(count(/ finding /g)).toBe(state.findings.length);
    expect(text).toMatch(/CASE CLOSED \(handled\) by .+$/);
  });

  it('show what an attacker named as text', () => {
    const evil = 'x\u001b[2J\u202e\nfake';
    const story = aStory().begin('approve-cut');
    story.write('approve-cut', { product: 'ram', action: 'UpdateAccessKey', targets: [evil], result: 'denied', code: evil });
    story.tell({ type: 'case.paused', why: evil, by: evil }, { type: 'waiver.given', step: 'approve-cut', visit: 1, target: evil, reason: evil, by: evil });
    for (const lang of languages) {
      // The story begins in the middle: only its later entries are shown, on the state of its first.
      const [first, ...rest] = story.entries();
      const state = replay([first as Entry], books);
      const text = rest.flatMap((entry) => linesOf(entry, { state, lang, before: { phase: state.phase, findings: 0 } })).join('\n');
      expect(text).toContain(String.raw`\u{1b}[2J\u{202e} / fake`);
      expect(text).not.toMatch(/[\u001b\u202e]|^fake/m);
    }
  });
});

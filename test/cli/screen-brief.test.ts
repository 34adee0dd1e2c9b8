// The hand-over at every turn of a whole drill: never more than a screen, and what it says is what the trail says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { briefOf, type Brief } from '../../src/cli/brief-known.ts';
import { renderBrief } from '../../src/cli/screen-brief.ts';
import { width } from '../../src/cli/screen-text.ts';
import { statusOf } from '../../src/cli/status.ts';
import { replay } from '../../src/engine/state.ts';
import type { Entry } from '../../src/casefile/entry.ts';
import { reportOf } from '../../src/report/model.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { languages, type Lang } from '../../src/text.ts';
import { aCli, type Cli } from '../support/cli.ts';
import { aStory, library, witnessOf } from '../support/story.ts';

let cli: Cli;
let played: readonly Entry[];

beforeAll(async () => {
  cli = await aCli();
  await cli.call(['drill', '--case', 'EX']);
  played = (await cli.entries('EX')) as unknown as readonly Entry[];
}, 90_000);
afterAll(async () => cli.end());

function briefAt(entries: readonly Entry[], lang: Lang, flags = ''): Brief {
  const state = replay(entries, (sha) => library(sha) as Runbook);
  const witness = witnessOf(entries);
  return briefOf({ state, entries, status: statusOf(state, witness, lang), model: reportOf(entries, { library, witness }), lang, flags });
}

const rowsOf = (brief: Brief, lang: Lang): readonly string[] => renderBrief(brief, lang).split('\n');

/** What makes two moments look different: a step, a question, an end. */
const turns: readonly Entry['type'][] = ['step.started', 'batch.frozen', 'step.finished', 'job.finished', 'call.intended', 'case.closed'];

describe('the hand-over', () => {
  it('fits 80 columns and 24 rows, the prompt included, at every turn of the drill, in both languages', () => {
    const ends = played.flatMap(({ type }, nth) => (turns.includes(type) ? [nth + 1] : []));
    expect(ends.length).toBeGreaterThan(80);
    for (const end of ends) {
      for (const lang of languages) {
        const brief = briefAt(played.slice(0, end), lang, ' --vault /srv/incident/vault');
        const rows = rowsOf(brief, lang);
        expect(rows.length, `${end} ${lang}`).toBeLessThanOrEqual(23);
        expect(rows.filter((row) => width(row) > 80)).toEqual([]);
        expect(rows[0]).toMatch(/^EXERCISE .* UTC\+8$/);
        expect(rows.join('\n').replaceAll(/\n\s+/g, ' ')).toContain(brief.witness);
        expect(rows.at(-1)).toContain(brief.next);
      }
    }
  }, 90_000);

  it('says at the cut what waits, and after it what was cut', () => {
    const frozen = played.findIndex((entry) => entry.type === 'batch.frozen' && entry.step === 'approve-cut') + 1;
    const text = rowsOf(briefAt(played.slice(0, frozen), 'en'), 'en').join('\n');
    expect(text).toMatch(/^STANDS {2}CONTAIN \d\/\d {2}step approve-cut \| waiting for an answer \| since /m);
    expect(text).toMatch(/to approve, answer: cut \d [0-9a-f]{4}/);
    expect(text).toMatch(/^OPEN {4}Not cut: LTAI/m);
    expect(text).not.toContain('still open');
    expect(text).toContain('STILL ACTIVE');
    expect(text).toContain('NOT CUT: nothing is contained');
    expect(text).toContain('TOLD    nobody, as far as the trail says');
    const end = rowsOf(briefAt(played, 'en'), 'en').join('\n');
    expect(end).toMatch(/^KNOWN {3}key LTAI5t..0001 CUT at /m);
    expect(end).toContain('CONTAINED: quiet after the last cut');
    expect(end).toMatch(/machines of theirs, \d held back \| before: [\d.,]+ CNY\/h, now: /);
    expect(end).toMatch(/^read {4}firebreak report EX$/m);
  });

  it('counts what finds no room, and escapes what is foreign', () => {
    const story = aStory({ by: 'a\u001b[2J\u202e' });
    for (let nth = 0; nth < 40; nth += 1) story.tell({ type: 'note.added', text: `remark ${nth}\u001b[2J\n${'长'.repeat(90)}`, by: '\u202eeve' });
    for (const lang of languages) {
      const rows = rowsOf(briefAt(story.entries(), lang), lang);
      expect(rows.length).toBeLessThanOrEqual(23);
      expect(rows.filter((row) => width(row) > 80)).toEqual([]);
      expect(rows.join('')).not.toMatch(/[\u001b\u202e]/);
      expect(rows.join('\n')).toContain('remark 39');
      expect(rows.join('\n')).toMatch(lang === 'en' ? /… \d+ more/ : /… 另有 \d+ 项/);
    }
  });

  it('never cuts the command or the witness line, however long the vault and the case', () => {
    const story = aStory({ case: 'A'.repeat(64) });
    for (const path of ['deep/'.repeat(12), 'deep er/'.repeat(30)]) {
      const flags = ` --vault '/srv/${path}'`;
      const rows = rowsOf(briefAt(story.entries(), 'en', flags), 'en');
      expect(rows.join('\n').replaceAll(/ \\\n\s+/g, ' ')).toContain(`firebreak resume ${'A'.repeat(64)}${flags}`);
      expect(rows.join('\n').replaceAll(/\n\s+/g, ' ')).toMatch(/witness bytes=\d+ sha256=[0-9a-f]{64}/);
      expect(rows.reduce((sum, row) => sum + Math.ceil(Math.max(1, width(row)) / 80), 0)).toBeLessThanOrEqual(23);
      expect(rows.slice(0, -2).filter((row) => width(row) > 80)).toEqual([]);
    }
  });
});

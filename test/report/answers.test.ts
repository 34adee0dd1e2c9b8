import { describe, expect, it } from 'vitest';
import { jobsLeaf } from '../../src/cli/screen-jobs.ts';
import { answerLines, byGravity } from '../../src/cli/screen-findings.ts';
import { wordsOf } from '../../src/cli/words.ts';
import type { View } from '../../src/cli/screen-status.ts';
import { width } from '../../src/cli/screen-text.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/model.ts';
import type { FindingAnswer } from '../../src/report/rows.ts';
import type { JsonObject } from '../../src/text.ts';
import { aFinding } from '../support/cases.ts';
import { hostile } from '../support/hostile.ts';
import { aStory, library, witnessOf, type Story } from '../support/story.ts';

const before = '2026-03-14T16:14:00Z';
const action = (name: string, ...targets: readonly string[]): JsonObject => ({ answer: { kind: 'action', action: name, targets } });
const byHand = (more: JsonObject = {}): JsonObject => ({ answer: { kind: 'manual', text: { en: 'Put it back.', zh: '恢复原值。' }, ...more } });

/** How the answer of one finding stands after this story. */
function standing(finding: JsonObject, tell: (story: Story) => Story = (story) => story): FindingAnswer | undefined {
  const story = tell(
    aStory()
      .begin('quick-look')
      .finish('quick-look', 'all', { findings: [finding] })
      .after(60),
  );
  const entries = story.entries();
  return reportOf(entries, { library, witness: witnessOf(entries) }).findings[0]?.answer;
}

const cut =
  (status: 'done' | 'failed' | 'already', target = 'LTAI5tEXAMPLEbk00002') =>
  (story: Story) =>
    story.begin('cut').settle('cut', target, status).finish('cut', 'all');

describe('an answer in the report', () => {
  const made = aFinding('a', before, 'Made a key', action('ram.disableAccessKeys', 'LTAI5tEXAMPLEbk00002'));

  it('is open until the action reached that very target', () => {
    expect(standing(made)).toMatchObject({ standing: 'open', text: { en: expect.any(String) as string }, targets: ['LTAI5tEXAMPLEbk00002'] });
    expect(standing(made, cut('done'))).toMatchObject({ standing: 'answered', reached: 1 });
    expect(standing(made, cut('already'))?.standing).toBe('answered');
    expect(standing(made, cut('failed'))?.standing).toBe('open');
    expect(standing(made, cut('done', 'LTAI5tEXAMPLEother001'))?.standing).toBe('open');
  });

  it('is open again when it happened after the action', () => {
    expect(standing({ ...made, at: '2026-03-15T00:00:00Z' }, cut('done'))?.standing).toBe('open');
  });

  it('counts the targets reached, and is open where the log named none', () => {
    const two = aFinding('a', before, 'Started', action('ram.disableAccessKeys', 'LTAI5tEXAMPLEbk00002', 'LTAI5tEXAMPLEbk00003'));
    expect(standing(two, cut('done'))).toMatchObject({ standing: 'in-part', reached: 1 });
    expect(standing(aFinding('a', before, 'Started', action('ram.disableAccessKeys')), cut('done'))?.standing).toBe('open');
  });

  it('of a child case holds when that case ended as handled, or what it would do was done here', () => {
    const armed = aFinding('a', before, 'Set active', { answer: { kind: 'case', runbook: 'leaked-access-key', targets: ['LTAI5tEXAMPLEbk00002'] } });
    const childCase = (as: string) => (story: Story) =>
      story.tell(
        { type: 'frame.opened', runbook: 'leaked-access-key', runbookSha256: 'f'.repeat(64), parent: '', step: 'k', inputs: { accessKeyId: 'LTAI5tEXAMPLEbk00002' }, frame: 'k' },
        { type: 'frame.closed', outcome: 'closed', as, frame: 'k' },
      );
    expect(standing(armed, childCase('handled'))?.standing).toBe('answered');
    expect(standing(armed, childCase('not-handled'))?.standing).toBe('open');
    expect(standing(armed, cut('done'))?.standing).toBe('answered');
  });

  it('by hand or to look on says so, and none is invented for an older trail', () => {
    expect(standing(aFinding('a', before, 'x', byHand()))).toMatchObject({ standing: 'by-hand' });
    expect(standing(aFinding('a', before, 'x', { answer: { kind: 'watch', why: { en: 'refused', zh: '被拒' } } }))?.standing).toBe('watch');
    expect(standing(aFinding('a', before, 'x'))).toBeUndefined();
    expect(standing(aFinding('a', before, 'x', { answer: 'of another version' }))).toBeUndefined();
  });

  it('is written once for all findings it is for, in both languages, and not once it is answered', () => {
    const call = { product: 'ram', version: '2015-05-01', action: 'UpdateUser', params: { UserName: 'b; reboot' }, region: 'cn-hangzhou', effect: 'write' };
    const entries = cut('done')(
      aStory()
        .begin('quick-look')
        .finish('quick-look', 'all', {
          findings: [made, aFinding('b', before, 'Changed', byHand({ call })), aFinding('c', before, 'Changed', byHand({ call }))],
          facts: { record: { counted: { ListUsers: 3, DescribeInstances: 12 } } },
        }),
    ).entries();
    const model = reportOf(entries, { library, witness: witnessOf(entries) });
    const [en, zh] = [renderMarkdown(model, 'en'), renderMarkdown(model, 'zh')];
    expect(en.split('Put it back').length - 1).toBe(1);
    expect(zh.split('恢复原值').length - 1).toBe(1);
    expect(en).toContain("--UserName 'b; reboot'");
    expect(en).toMatch(/DescribeInstances 12, ListUsers 3/);
  });
});

describe('answers on a screen', () => {
  const grave = ['low', 'critical', 'unheard-of', 'high'].map((severity, nth) => aFinding(`f${nth}`, before, severity, { severity }));

  it('come the gravest first', () => {
    expect(grave.toSorted(byGravity).map(({ severity }) => severity)).toEqual(['critical', 'high', 'low', 'unheard-of']);
  });

  it.each(hostile)('with %s in a target keep to 80 columns and to their row', (_, name) => {
    const finding = aFinding('a', before, 'x', action('ram.denyUsers', name));
    for (const lang of ['en', 'zh'] as const) {
      const words = wordsOf(lang);
      for (const line of answerLines(finding, lang, words)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      const view = { state: { findings: [finding, finding], frames: [] }, seen: 0, lang, entries: [] } as unknown as View;
      const rows = jobsLeaf(words)
        .rows(view, 80)
        .map((row) => (typeof row === 'string' ? row : row.text));
      expect(rows.filter((row) => width(row) > 80)).toEqual([]);
      expect(rows.filter((row) => row.includes(lang === 'en' ? 'Answer:' : '应对：'))).toHaveLength(1);
    }
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/engine/run.ts';
import { jobsLeaf } from '../../src/cli/screen-jobs.ts';
import { busySheet, byHandLeaf, callsLeaf, detailLeaf, heldRows, helpLeaf, leafSheet, waitingSheet } from '../../src/cli/screen-pages.ts';
import { proposalRows, proposedInputs } from '../../src/cli/screen-proposals.ts';
import { frameOf, sheetOf } from '../../src/cli/screen.ts';
import { width } from '../../src/cli/screen-text.ts';
import type { Frame } from '../../src/cli/terminal.ts';
import { wordsOf } from '../../src/cli/words.ts';
import { languages } from '../../src/text.ts';
import { textOf } from '../support/terminal.ts';
import { advanced, answered, aView, cutBook, everyQuestion, hostile, pendingIn } from '../support/screens.ts';
import { aRun, aToy, aWorld } from '../support/world.ts';

const classic = { columns: 80, rows: 24 };
const sizes = [classic, { columns: 40, rows: 24 }, { columns: 41, rows: 10 }, { columns: 60, rows: 16 }, { columns: 100, rows: 30 }, { columns: 200, rows: 60 }];

describe('every screen', () => {
  let runs: Readonly<Record<string, Run>>;
  let bad: Readonly<Record<string, Run>>;
  beforeAll(async () => {
    [runs, bad] = await Promise.all([everyQuestion(), everyQuestion(hostile)]);
  });

  const all = function* (): Generator<readonly [string, Frame, { readonly columns: number; readonly rows: number }]> {
    for (const [kind, run] of [...Object.entries(runs), ...Object.entries(bad)]) {
      for (const lang of languages) {
        const view = aView(run, lang, { notice: `somebody answered ${hostile[0]}` });
        const words = wordsOf(lang);
        const leaves = [helpLeaf, callsLeaf, byHandLeaf, detailLeaf, jobsLeaf].map((leaf) => leafSheet(leaf(words), () => 0));
        const sheets = [sheetOf(view, pendingIn(run)), busySheet(view, 0), waitingSheet(view, () => view.now), ...leaves];
        for (const size of sizes) for (const sheet of sheets) yield [`${kind} ${lang}: ${sheet.title}`, frameOf(view, sheet, size), size];
      }
    }
  };

  it('fits its window: never a row too many, never a column too many', () => {
    const wrong: string[] = [];
    for (const [name, { rows, cursor }, size] of all()) {
      if (rows.length > size.rows) wrong.push(`${name}: ${rows.length} rows of ${size.rows}`);
      wrong.push(...rows.flatMap(({ text }) => (width(text) > size.columns ? [`${name}: ${text}`] : [])));
      if (cursor && (cursor.row >= rows.length || cursor.column >= size.columns)) wrong.push(`${name}: the cursor is outside`);
    }
    expect(wrong).toEqual([]);
  });

  it('fills 24 rows at 80×24, with the status on top and the jobs and keys at the bottom', () => {
    for (const [name, frame, size] of all()) {
      if (size !== classic) continue;
      const rows = frame.rows.map(({ text }) => text);
      expect([rows.length, rows[0]?.slice(0, 8), rows[2], rows.at(-3), rows.at(-2)?.slice(0, 2)], name).toEqual([
        24,
        'EXERCISE',
        '-'.repeat(80),
        '-'.repeat(80),
        expect.stringMatching(/^(jo|后台)$/),
      ]);
    }
  });

  it('shows a hostile name harmlessly: no control, no direction mark, no line of its own', () => {
    const wrong: string[] = [];
    for (const [name, frame] of all()) {
      // oxlint-disable-next-line no-control-regex
      for (const { text } of frame.rows)
        if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u.test(text) || text.trim() === 'no') wrong.push(`${name}: ${JSON.stringify(text)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('says EXERCISE in words on every screen of an exercise, LIVE on one of a real case', () => {
    const run = runs['ask'] as Run;
    for (const [, frame] of all()) expect(frame.rows[0]?.tone).toBe('mode');
    run.state.opened = { ...run.state.opened, origin: 'case' };
    expect(frameOf(aView(run), sheetOf(aView(run), pendingIn(run)), classic).rows[0]?.text).toMatch(/^LIVE /);
    run.state.opened = { ...run.state.opened, origin: 'exercise' };
  });

  it('keeps the place to act in a window of ten rows', () => {
    const view = aView(runs['approve'] as Run);
    const rows = textOf(frameOf(view, sheetOf(view, pendingIn(runs['approve'] as Run)), { columns: 60, rows: 10 }));
    expect(rows).toMatch(/Type {3}cut 2 [0-9a-f]{4}/);
    expect(rows).toMatch(/\n {2}>/);
  });
});

describe('the approval of a batch', () => {
  const at = async (): Promise<Run> => answered(aRun(aWorld(cutBook(), aToy('a', 'b', 'ours-1'))), 'hi');

  it('shows targets, what is held back, lost and left, the calls and the exact text', async () => {
    const run = await at();
    const view = aView(run);
    const text = textOf(frameOf(view, sheetOf(view, pendingIn(run)), classic));
    expect(text).toMatch(/^ {2}a /m);
    expect(text).toMatch(/HELD BACK 1 +ours-1: ours \(v\)/);
    expect(text).toMatch(/Lost for good +toy/);
    expect(text).toMatch(/Leaves +toy/);
    expect(text).toMatch(/2 x ram:SetSwitch \(c\) {3}Undo: by card/);
    expect(text).toContain(`Type   ${pendingIn(run).expects?.text}   to do it`);
  });

  it('takes the exact text and "no", and explains anything else without a default', async () => {
    const run = await at();
    const { place } = sheetOf(aView(run), pendingIn(run));
    if (place.kind !== 'line') throw new Error('an approval is typed');
    expect(place.empty).toBeUndefined();
    const text = pendingIn(run).expects?.text ?? '';
    expect([text, 'no'].map((value) => place.check(value))).toEqual([undefined, undefined]);
    for (const value of ['', 'yes', 'y', text.toUpperCase(), `${text}x`, text.slice(0, -1)]) expect(place.check(value), value).toMatch(/^Nothing was done/);
    const chinese = sheetOf(aView(run, 'zh'), pendingIn(run)).place;
    expect(chinese.kind === 'line' && chinese.check('yes')).toMatch(/没有执行任何操作/);
  });

  it('numbers held-back targets and marks the ticked ones', async () => {
    const run = await at();
    expect(heldRows(aView(run), 80).map((row) => (typeof row === 'string' ? row : row.text))).toEqual(['    1 [ ] ours-1', '          ours']);
  });

  it('shows each call as the aliyun command a person would type', async () => {
    const run = await at();
    const rows = callsLeaf(wordsOf('en')).rows(aView(run), 80);
    expect(rows.join('\n')).toContain('aliyun ram SetSwitch --region cn-hangzhou --Name a --On false');
  });

  it('offers what makes sense here and nothing else', async () => {
    const run = await at();
    expect(sheetOf(aView(run), pendingIn(run)).keys).toEqual(['v', 'c', 'd', 'h', 's', 'f', 'j', '?', 'q']);
    const first = await advanced(aRun(aWorld(cutBook())));
    expect(sheetOf(aView(first), pendingIn(first)).keys).toEqual(['d', 's', '!', 'j', '?', 'q']);
  });
});

describe('a call nobody can tell of', () => {
  it('is asked about with what is known, and with no answer that suggests itself', async () => {
    const { doubted } = await everyQuestion();
    const sheet = sheetOf(aView(doubted as Run), pendingIn(doubted as Run));
    const text = textOf(frameOf(aView(doubted as Run), sheet, classic));
    expect(text).toMatch(/outcome of \d call\(s\) not known/);
    expect(text).toMatch(/1 It happened\n.*2 It did not happen\n.*3 Look again/);
    expect(sheet.keys).not.toContain('s');
  });
});

describe('the proposed inputs', () => {
  it('stand on one screen, each with its value, once the required ones are given', async () => {
    const { input, proposals } = await everyQuestion();
    expect(proposedInputs((input as Run).state, 'en', 'me')).toEqual([]);
    const proposed = proposedInputs((proposals as Run).state, 'en', 'me');
    expect(proposed.map(({ name, value, given }) => [name, value, given])).toEqual([
      ['lead', 'me', false],
      ['severity', 'critical', false],
    ]);
    expect(proposalRows(aView(proposals as Run), proposed).at(-1)).toBe('  2  How severe?  critical');
  });
});

describe('a choice that can not be taken now', () => {
  it('is shown with the reason and refused with it', async () => {
    const run = await answered(aRun(aWorld(cutBook())), 'hi', 'no');
    const pending = { ...pendingIn(run), closed: [{ choice: 'contained', why: { en: 'quiet ended as active', zh: '仍在活动' } }] };
    const sheet = sheetOf(aView(run), pending);
    expect(textOf(frameOf(aView(run), sheet, classic))).toMatch(/3 contained +quiet ended as active/);
    expect(sheet.place.kind === 'choice' && sheet.place.choices.at(-1)?.closed).toBe('quiet ended as active');
  });
});

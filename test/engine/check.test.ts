import { describe, expect, it } from 'vitest';
import { checkRunbook } from '../../src/engine/check.ts';
import type { Problem } from '../../src/errors.ts';
import { runbookProblems } from '../../src/runbook/problem.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { aCollector, aLawfulSource, anAction, aRunbook, aRunbookText, both, sampleOperations, type RunbookSource } from '../support/runbooks.ts';

type Changes = Parameters<typeof aLawfulSource>[0];

function check(changes: Changes, head: RunbookSource = {}, operations = sampleOperations): readonly Problem[] {
  return checkRunbook(aRunbook(aLawfulSource(changes, head)), operations);
}

function codes(problems: readonly Problem[]): readonly string[] {
  return problems.map((problem) => problem.code);
}

/** The one problem of this code; its message ends with the path. */
function only(problems: readonly Problem[], code: string): string {
  const found = problems.filter((problem) => problem.code === code);
  expect(codes(problems)).toContain(code);
  expect(found).toHaveLength(1);
  return found[0]?.message ?? '';
}

describe('checkRunbook', () => {
  it('finds nothing wrong with a runbook that keeps every law', () => {
    expect(check({})).toEqual([]);
  });

  it('gives every problem a hint and its line in the file', () => {
    const [problem] = check({ stop: { use: 'sample.stopp' } });
    expect(problem?.hint).toBe(runbookProblems.R_UNKNOWN_OPERATION);
    const text = aRunbookText(aLawfulSource({ stop: { use: 'sample.stopp' } })).split('\n');
    expect(text[(problem?.where?.line ?? 0) - 1]).toContain('sample.stopp');
  });

  describe('the ways', () => {
    it('names a step no step leads to', () => {
      const message = only(check({}, { steps: [{ id: 'lost', kind: 'manual', on: { done: 'learn', failed: 'learn' } }] }), 'R_UNREACHABLE');
      expect(message).toContain('no step leads to it. No path who → … → lost');
    });

    it('tells who leads to an unreached step when that is not reached either', () => {
      const steps = [
        { id: 'lost', kind: 'manual', on: { done: 'lost-too', failed: 'learn' } },
        { id: 'lost-too', kind: 'manual', on: { done: 'lost', failed: 'learn' } },
      ];
      expect(check({}, { steps }).map((problem) => problem.message)).toContainEqual(expect.stringContaining('only lost leads to it'));
    });

    it('prints the path into a step without a way out', () => {
      const message = only(check({ learn: { on: { done: 'pit' } } }, { steps: [{ id: 'pit', kind: 'manual', on: { done: 'pit', failed: 'pit' } }] }), 'R_NO_WAY_OUT');
      expect(message).toContain('From step pit no end can be reached, only pit. Path: who → confirm →');
      expect(message).toContain('→ learn → pit.');
    });

    it('does not count a skip as a way out', () => {
      const steps = [{ id: 'pit', kind: 'manual', skip: 'closed', on: { done: 'pit', failed: 'pit' } }];
      expect(only(check({ learn: { on: { done: 'pit' } } }, { steps }), 'R_NO_WAY_OUT')).toContain('→ learn → pit.');
    });

    it('prints a circle that no person and no watch bounds', () => {
      const message = only(check({ find: { on: { all: 'approve-cut', some: 'approve-cut', none: 'find' } } }), 'R_LOOP');
      expect(message).toContain('find (none) → find. Path: who → confirm → record → ask → find, then round.');
    });

    it('counts a declined batch as no person, since an empty one is declined without asking', () => {
      const message = only(check({ 'approve-cut': { on: { approved: 'cut', declined: 'find' } } }), 'R_LOOP');
      expect(message).toContain('find → approve-cut (declined) → find');
    });

    it('does not let a background watch bound a circle, but a foreground one', () => {
      const round = { seal: { on: { all: 'approve-stop', some: 'approve-stop', none: 'quiet' } } };
      expect(only(check(round), 'R_LOOP')).toContain('quiet → seal (none) → quiet');
      const foreground = { ...round, quiet: { background: false, on: { quiet: 'seal', active: 'seal', unverified: 'learn' } }, delete: { needs: ['record'] } };
      expect(codes(check(foreground))).not.toContain('R_LOOP');
    });

    it('prints the path on which a job is needed before it has begun', () => {
      const message = only(check({ who: { on: { all: 'confirm', some: 'learn', none: 'stopped' } } }), 'R_JOB');
      expect(message).toContain(
        'Step closed needs the job record, which has not begun on every path. From there it can not be started any more. Path: who (some) → learn → closed.',
      );
    });

    it('lets the cut wait for no job', () => {
      expect(only(check({ 'approve-cut': { needs: ['record'] } }), 'R_CUT')).toContain('Path: who → confirm → record → ask → find → approve-cut.');
      expect(only(check({ confirm: { on: { approved: 'record', declined: 'stopped' } }, find: { needs: ['record'], skip: false } }), 'R_CUT')).toContain(
        'Every path to the cut approve-cut waits for a job.',
      );
    });

    it('tells contradictions alone when the parts do not fit, since there is nothing to compile', () => {
      const good = aRunbook(aLawfulSource());
      const broken: Runbook = { ...good, steps: good.steps.map((step) => (step.kind === 'review' ? { ...step, on: { done: 'nowhere' } } : step)) };
      const problems = checkRunbook(broken, sampleOperations);
      expect(codes(problems)).toEqual(['R_DANGLING']);
      expect(problems[0]?.message).toContain('learn → nowhere.');
    });
  });

  describe('law 4', () => {
    it('prints the way around an approval', () => {
      const message = only(check({ 'not-cut': { on: { again: 'cut', stop: 'stopped' } } }), 'R_APPROVAL');
      expect(message).toContain('there is a way around approve-cut. Path: who → confirm → record → ask → find (none) → not-cut (again) → cut.');
    });

    it('does not take the approval of another batch', () => {
      const message = only(check({ 'approve-stop': { act: 'delete' } }), 'R_APPROVAL');
      expect(message).toContain('Step stop acts without approval: no approve step names it.');
      expect(message).toContain('→ approve-stop → stop.');
    });

    it('lets no jump ahead to the cut pass the approval of the account', () => {
      const problems = check({ 'not-cut': { on: { again: 'cut', stop: 'stopped' } } });
      expect(problems.filter(({ message }) => message.includes('(ahead)'))).toEqual([]);
    });

    it('prints the way on which an R2 act destroys what was not sealed', () => {
      const message = only(
        check({ quiet: { on: { started: 'approve-stop' } } }).filter(({ message }) => message.includes('(R2)')),
        'R_EVIDENCE',
      );
      expect(message).toContain('Step stop (R2) loses "volatile" before it is sealed: there is a way around seal.');
      expect(message).toContain('→ quiet → approve-stop → stop.');
    });

    it('takes a collection that ended with none for no evidence', () => {
      const message = only(
        check({ seal: { on: { all: 'approve-stop', some: 'approve-stop', none: 'approve-stop' } } }).filter(({ message }) => message.includes('(R2)')),
        'R_EVIDENCE',
      );
      expect(message).toContain('seal (none) → approve-stop → stop.');
    });

    it('takes a skip for no evidence', () => {
      const message = only(
        check({ seal: { skip: 'approve-stop' } }).filter(({ message }) => message.includes('(R2)')),
        'R_EVIDENCE',
      );
      expect(message).toContain('seal (skip) → approve-stop → stop.');
    });

    it('takes evidence of other targets for none', () => {
      const message = only(
        check({ seal: { over: 'keys' } }).filter(({ message }) => message.includes('(R2)')),
        'R_EVIDENCE',
      );
      expect(message).toContain('no step collects it over machines.');
    });

    it('asks every action beyond R1 which evidence it needs', () => {
      const operations = { ...sampleOperations, 'sample.stop': anAction({ class: 'R2' }) };
      expect(only(check({}, {}, operations), 'R_EVIDENCE')).toContain('sample.stop is of class R2, yet names no evidence');
    });

    it('prints the way on which an R3 act has no full record', () => {
      expect(only(check({ delete: { needs: ['quiet'] } }), 'R_RECORD')).toContain('→ approve-delete → delete.');
      expect(only(check({ record: { skip: 'ask' } }), 'R_RECORD')).toContain('who → confirm → record (skip) → ask →');
      const operations = { ...sampleOperations, 'sample.record': aCollector() };
      expect(only(check({}, {}, operations), 'R_RECORD')).toContain('Path: who →');
    });

    it('prints the way on which an R3 act has no quiet window', () => {
      expect(only(check({ delete: { needs: ['record'] } }), 'R_QUIET')).toContain('→ approve-delete → delete.');
      expect(only(check({ quiet: { skip: 'seal' } }), 'R_QUIET')).toContain('quiet (skip) → seal →');
    });

    it('accepts a quiet window watched in the foreground, by its quiet outcome alone', () => {
      const watched = { quiet: { background: false, skip: false, on: { quiet: 'seal', active: 'learn', unverified: 'learn' } }, delete: { needs: ['record'] } };
      expect(check(watched)).toEqual([]);
      const unverified = { ...watched, quiet: { ...watched.quiet, on: { quiet: 'seal', active: 'learn', unverified: 'seal' } } };
      expect(only(check(unverified), 'R_QUIET')).toContain('quiet (unverified) → seal');
    });

    it('lets nothing irreversible be the cut: that takes two, and the cut takes one', () => {
      const found = check({}, { cut: 'approve-delete' });
      const message = only(
        found.filter(({ message }) => message.includes('second person')),
        'R_CUT',
      );
      expect(message).toContain('The cut approve-delete approves delete, which can not be undone');
    });

    it('prints the way on which an R3 act is not approved', () => {
      const message = only(check({ stop: { on: { all: 'delete', some: 'approve-delete', none: 'learn' } } }), 'R_APPROVAL');
      expect(message).toContain('Step delete acts without approval: there is a way around approve-delete.');
      expect(message).toContain('approve-stop → stop → delete.');
    });
  });

  describe('operations', () => {
    it('refuses an action without undo, without a reading back, without its calls', () => {
      const noUndo = { ...anAction(), undo: undefined };
      const noHolds = { ...anAction(), holds: undefined };
      expect(only(check({}, {}, { ...sampleOperations, 'sample.cut': noUndo as never }), 'R_UNDO')).toContain('sample.cut, used by cut, has no undo');
      expect(only(check({}, {}, { ...sampleOperations, 'sample.cut': noHolds as never }), 'R_HOLDS')).toContain('used by cut');
      expect(only(check({}, {}, { ...sampleOperations, 'sample.cut': anAction({ calls: [] }) }), 'R_PERMISSION')).toContain('lists no calls');
      expect(only(check({}, {}, { ...sampleOperations, 'sample.cut': anAction({ calls: ['ram:*'] }) }), 'R_PERMISSION')).toContain('ram:*');
    });

    it('suggests the operation that was meant, of the right sort', () => {
      expect(only(check({ find: { use: 'sample.fnd' } }), 'R_UNKNOWN_OPERATION')).toContain('Did you mean "sample.find"?');
      expect(only(check({ cut: { use: 'sample.find' } }), 'R_UNKNOWN_OPERATION')).toContain('is an act step, but sample.find is a collector');
      expect(only(check({ find: { use: 'sample.constructor' } }), 'R_UNKNOWN_OPERATION')).toContain('which does not exist');
    });

    it('fits literals to the declared inputs and leaves facts for the run', () => {
      expect(only(check({ find: { with: { key: 5 } } }), 'R_WITH')).toContain('"key" does not fit sample.find');
      expect(only(check({ find: { with: {} } }), 'R_WITH')).toContain('sample.find needs "key"');
      expect(only(check({ find: { with: { key: '$key', day: 3 } } }), 'R_WITH')).toContain('takes no "day". Did you mean "days"?');
      expect(check({ find: { with: { key: '$key', days: '$ticket' } } })).toEqual([]);
    });
  });

  describe('facts', () => {
    it('refuses a fact nothing gives, and suggests the one that was meant', () => {
      const message = only(check({ learn: { text: both('About {tickets}.') } }), 'R_FACT');
      expect(message).toContain('reads the fact "tickets" in its text, which nothing gives. Did you mean "ticket"?');
    });

    it('prints the path on which targets were never collected', () => {
      const message = only(
        check({ 'not-cut': { on: { again: 'find', stop: 'learn' } }, who: { on: { all: 'confirm', some: 'seal', none: 'stopped' } }, closed: { needs: [] } }).filter(
          ({ message }) => message.includes('Step seal'),
        ),
        'R_FACT',
      );
      expect(message).toContain('reads the fact "machines" for its targets; it comes from find, but not on every path. Path: who (some) → seal.');
    });

    it('lets a text read what a failed collection left out, but confirms only what was surely read', () => {
      expect(check({ 'not-cut': { text: both('About {keys}.') } })).toEqual([]);
      const message = only(check({ who: { on: { all: 'confirm', some: 'confirm', none: 'confirm' } }, confirm: { on: { approved: 'record', declined: 'stopped' } } }), 'R_FACT');
      expect(message).toContain('reads the fact "account" to confirm it; it comes from who, but not on every path. Path: who (none) → confirm.');
    });

    it('counts an argument without which the operation breaks as read for sure', () => {
      const message = only(check({ find: { with: { key: '$ticket' } } }), 'R_FACT');
      expect(message).toContain('for "key"; it comes from ask, but not on every path. Path: who → confirm → record → ask (skip) → find.');
      expect(check({ ask: { skip: false }, find: { with: { key: '$ticket' } } })).toEqual([]);
    });

    it('knows what an act leaves behind', () => {
      expect(check({ 'approve-delete': { text: both('Stopped {stopResult.done}.') } })).toEqual([]);
      expect(only(check({ seal: { text: both('Stopped {stopResult.done}.') } }), 'R_FACT')).toContain('it comes from stop, but not on every path');
    });

    it('proposes only what is known before the first step', () => {
      const inputs = { key: { title: both('Key?'), example: 'k', propose: '$account' } };
      expect(only(check({}, { inputs }), 'R_FACT')).toContain('Input key proposes $account');
    });

    it('asks both languages for the same facts', () => {
      const message = only(check({ learn: { text: { en: 'Ticket {ticket}.', zh: '工单。' } } }), 'R_TRANSLATION');
      expect(message).toContain('Step learn, "text": {ticket} stands in one language only. Path: who →');
    });
  });

  describe('child cases', () => {
    const withChild = { 'not-cut': { on: { again: 'child', stop: 'stopped' } } };
    const opens = (runbook: string, args = {}): RunbookSource => ({ steps: [{ id: 'child', kind: 'case', runbook, with: args, on: { closed: 'find', aborted: 'learn' } }] });
    const shelf =
      (...books: readonly Runbook[]) =>
      (id: string) =>
        books.find((book) => book.id === id);

    it('counts a child as one step that must check clean itself', () => {
      const parent = aRunbook(aLawfulSource(withChild, opens('second', { which: 'x' })));
      const inputs = { which: { title: both('Which?'), example: 'x' } };
      expect(checkRunbook(parent, sampleOperations, shelf(aRunbook({ id: 'second', inputs })))).toEqual([]);
      const bad = aRunbook({
        id: 'second',
        inputs,
        steps: [
          { id: 'spin', kind: 'manual', on: { done: 'spin', failed: 'spin' } },
          { id: 'end', kind: 'end', as: 'x' },
        ],
      });
      expect(only(checkRunbook(parent, sampleOperations, shelf(bad)), 'R_CHILD')).toContain('opens second, which has 2 problem(s), first R_UNREACHABLE');
    });

    it('refuses a child that does not exist and an input it does not have', () => {
      const parent = aRunbook(aLawfulSource(withChild, opens('second', { whch: 'x' })));
      expect(only(checkRunbook(parent, sampleOperations), 'R_CHILD')).toContain('opens "second", which does not exist. Path: sample → second.');
      const inputs = { which: { title: both('Which?'), example: 'x' } };
      expect(only(checkRunbook(parent, sampleOperations, shelf(aRunbook({ id: 'second', inputs }))), 'R_WITH')).toContain('has no input "whch". Did you mean "which"?');
    });

    it('lets cases lie five deep and no deeper, and a runbook open itself', () => {
      const nested = (id: string, next?: string): Runbook =>
        aRunbook({
          id,
          steps: [
            ...(next === undefined ? [] : [{ id: 'child', kind: 'case', runbook: next, on: { closed: 'look', aborted: 'look' } }]),
            { id: 'look', kind: 'manual', on: { done: 'end', failed: 'end' } },
            { id: 'end', kind: 'end', as: 'x' },
          ],
        });
      const five = [nested('b', 'c'), nested('c', 'd'), nested('d', 'e'), nested('e')];
      expect(checkRunbook(nested('a', 'b'), sampleOperations, shelf(...five))).toEqual([]);
      const six = [...five.slice(0, 3), nested('e', 'f'), nested('f')];
      expect(only(checkRunbook(nested('a', 'b'), sampleOperations, shelf(...six)), 'R_CHILD')).toContain('a → b → c → d → e → f');
      const self = nested('a', 'a');
      expect(checkRunbook(self, sampleOperations, shelf(self))).toEqual([]);
    });
  });

  it('refuses a missing translation and an unmapped outcome already when it is read', () => {
    const missing = parseRunbook(aRunbookText(aLawfulSource({ learn: { title: { en: 'Learn' } } })), 'a.yaml').problems;
    expect(only(missing, 'R_TRANSLATION')).toMatch(/Step learn, "title", has no text in Chinese \(zh\)\. Path: who .*→ learn\./);
    const unmapped = parseRunbook(aRunbookText(aLawfulSource({ stop: { on: { all: 'learn', some: 'learn' } } })), 'a.yaml').problems;
    expect(only(unmapped, 'R_OUTCOME')).toMatch(/Step stop does not say where "none" leads\. .* Path: who .*→ approve-stop → stop\./);
  });
});

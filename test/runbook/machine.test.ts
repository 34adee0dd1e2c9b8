import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { accepts, advance, begin, compile, edges, isDone, stepOf, type Machine, type MachineEvent, type Position } from '../../src/runbook/machine.ts';
import { waysOf } from '../../src/runbook/graph.ts';
import { exitsOf, isJob, outcomesOf, skipTarget } from '../../src/runbook/outcome.ts';
import { shortcuts } from '../../src/runbook/shortcut.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { anyRunbook } from '../support/random-runbooks.ts';
import { aLawfulSource, aRunbook } from '../support/runbooks.ts';

const finish = (outcome: string): MachineEvent => ({ type: 'finish', outcome });

/** Plays outcomes from the first step on; `skip`, `jump:x` and `job:x=y` stand for those events. */
function play(machine: Machine, ...moves: readonly string[]): Position {
  return moves.reduce((position, move) => advance(machine, position, eventOf(move)), begin(machine));
}

function eventOf(move: string): MachineEvent {
  if (move === 'skip' || move === 'abort') return { type: move };
  const [, type, name = '', outcome = ''] = /^(jump|job):([a-z-]+)=?(.*)$/.exec(move) ?? [];
  if (type === 'jump') return { type, to: name };
  return type === 'job' ? { type, job: name, outcome } : finish(move);
}

const lawful = compile(aRunbook(aLawfulSource()));

describe('the machine', () => {
  it('follows the outcomes from the first step to an end', () => {
    const position = play(lawful, 'all', 'declined');
    expect(stepOf(position)).toBe('stopped');
    expect(isDone(lawful, position)).toBe(true);
  });

  it('is begun and advanced without changing what it was given', () => {
    const position = begin(lawful);
    const frozen = Object.freeze({ ...position, context: Object.freeze(position.context) });
    expect(stepOf(advance(lawful, frozen, finish('all')))).toBe('confirm');
    expect(stepOf(frozen)).toBe('who');
  });

  it('goes on from a position that went through JSON', () => {
    const position = play(lawful, 'all', 'approved', 'started');
    const again = JSON.parse(JSON.stringify(position)) as Position;
    expect(advance(lawful, again, finish('answered'))).toEqual(advance(lawful, position, finish('answered')));
  });

  it('refuses what a step does not take, saying the step, the event and what it takes', () => {
    const refused = (): unknown => advance(lawful, begin(lawful), finish('maybe'));
    expect(refused).toThrow(Fault);
    expect(refused).toThrow(/Step who does not take \{"type":"finish","outcome":"maybe"\}\. It takes: all, some, none, abort, a jump back to a visited step\./);
  });

  it('takes nothing after its end', () => {
    const position = play(lawful, 'none');
    expect(() => advance(lawful, position, { type: 'jump', to: 'who' })).toThrow('The run ended at stopped');
    expect(() => advance(lawful, position, { type: 'abort' })).toThrow(Fault);
  });

  it('aborts from anywhere', () => {
    const position = play(lawful, 'all', 'abort');
    expect([stepOf(position), isDone(lawful, position)]).toEqual(['aborted', true]);
  });

  describe('a job', () => {
    it('starts as its step goes on, ends beside the cursor, once, with an outcome of its kind', () => {
      const position = play(lawful, 'all', 'approved', 'started');
      expect(stepOf(position)).toBe('ask');
      expect(accepts(lawful, position, eventOf('job:record=quiet'))).toBe(false);
      const ended = advance(lawful, position, eventOf('job:record=some'));
      expect(stepOf(ended)).toBe('ask');
      expect(accepts(lawful, ended, eventOf('job:record=some'))).toBe(false);
    });

    it('can be given up by a person while it runs, or end with nothing whatever its kind', () => {
      expect(accepts(lawful, play(lawful, 'all', 'approved', 'started'), eventOf('job:record=skipped'))).toBe(true);
      expect(accepts(lawful, play(lawful, 'all', 'approved', 'started', 'answered', 'all', 'approved', 'all', 'started'), eventOf('job:quiet=none'))).toBe(true);
    });

    it('holds back the step that needs it, and no other', () => {
      const moves = ['all', 'approved', 'started', 'answered', 'all', 'approved', 'all', 'started', 'all', 'approved', 'all', 'approved'];
      const position = play(lawful, ...moves);
      expect(stepOf(position)).toBe('delete');
      expect(() => advance(lawful, position, finish('all'))).toThrow('Step delete does not take {"type":"finish","outcome":"all"} yet: jobs it needs have not ended.');
      const half = advance(lawful, position, eventOf('job:record=all'));
      expect(accepts(lawful, half, finish('all'))).toBe(false);
      expect(stepOf(advance(lawful, advance(lawful, half, eventOf('job:quiet=quiet')), finish('all')))).toBe('learn');
      expect(stepOf(advance(lawful, position, { type: 'skip' }))).toBe('learn');
    });

    it('keeps a case open at its end until it has ended', () => {
      const position = play(lawful, 'all', 'approved', 'started', 'answered', 'all', 'approved', 'all', 'skip', 'done');
      expect([stepOf(position), isDone(lawful, position)]).toEqual(['closed', false]);
      expect(accepts(lawful, position, eventOf('jump:learn'))).toBe(true);
      const closed = advance(lawful, position, eventOf('job:record=none'));
      expect([stepOf(closed), isDone(lawful, closed)]).toEqual(['closed', true]);
    });

    it('may still end when the run stands at an end that does not need it', () => {
      const position = play(lawful, 'all', 'approved', 'started', 'answered', 'none', 'stop');
      expect([stepOf(position), isDone(lawful, position)]).toEqual(['stopped', false]);
      expect(isDone(lawful, advance(lawful, position, eventOf('job:record=all')))).toBe(true);
    });

    it('that was skipped counts as ended; one that runs is not given up by skipping its step again', () => {
      const skippable = compile(aRunbook(aLawfulSource({ record: { skip: 'ask' } })));
      const skipped = play(skippable, 'all', 'approved', 'skip', 'answered', 'none', 'stop');
      expect(isDone(skippable, skipped)).toBe(true);
      const running = play(skippable, 'all', 'approved', 'started', 'jump:record', 'skip');
      expect(accepts(skippable, running, eventOf('job:record=all'))).toBe(true);
    });
  });

  describe('a jump', () => {
    it('goes back to a visited step only', () => {
      const position = play(lawful, 'all', 'approved');
      expect(stepOf(advance(lawful, position, eventOf('jump:who')))).toBe('who');
      expect(accepts(lawful, position, eventOf('jump:seal'))).toBe(false);
    });

    it('goes ahead towards the cut past questions, stopping at each gate', () => {
      const position = play(lawful, 'all', 'approved', 'started');
      const ahead = advance(lawful, position, eventOf('jump:find'));
      expect(stepOf(ahead)).toBe('find');
      expect(accepts(lawful, position, eventOf('jump:approve-cut'))).toBe(false);
    });

    it('never goes ahead past the approval of the account, nor past a step that can not be skipped', () => {
      const before = aRunbook(
        aLawfulSource({ who: { on: { all: 'greet', some: 'greet', none: 'stopped' } } }, { steps: [{ id: 'greet', kind: 'manual', on: { done: 'confirm', failed: 'confirm' } }] }),
      );
      expect(shortcuts(before).get('greet')).toBe('confirm');
      expect(shortcuts(before).get('confirm')).toBeUndefined();
      expect(shortcuts(aRunbook(aLawfulSource({ ask: { skip: false } }))).get('ask')).toBeUndefined();
      expect(
        shortcuts(aRunbook(aLawfulSource({ record: { on: { started: 'chat' } } }, { steps: [{ id: 'chat', kind: 'manual', on: { done: 'ask', failed: 'ask' } }] }))).get('chat'),
      ).toBe('find');
    });

    it('after the cut goes back to its approval for what is new', () => {
      expect(shortcuts(aRunbook(aLawfulSource())).get('cut')).toBe('approve-cut');
      expect(shortcuts(aRunbook(aLawfulSource())).get('learn')).toBeUndefined();
    });
  });

  describe('a skip', () => {
    it.each([
      ['ask', 'answered'],
      ['approve', 'declined'],
      ['act', 'none'],
      ['collect', 'none'],
      ['watch', 'unverified'],
      ['manual', 'failed'],
      ['notify', 'failed'],
      ['review', 'done'],
      ['case', 'aborted'],
    ])('of %s leads where "%s" does', (kind, worst) => {
      const fields: Record<string, unknown> = {
        fact: 'x',
        example: 'x',
        act: 'other',
        use: 'a.b',
        over: 'x',
        who: { en: 'a', zh: 'a' },
        message: { en: 'a', zh: 'a' },
        runbook: 'b',
      };
      const names: Record<string, readonly string[]> = {
        ask: ['fact', 'example'],
        approve: ['act'],
        act: ['use', 'over'],
        collect: ['use'],
        watch: ['use'],
        notify: ['who', 'message'],
        review: ['fact', 'example'],
        case: ['runbook'],
      };
      const own = Object.fromEntries((names[kind] ?? []).map((name) => [name, fields[name]]));
      const bare = { id: 'it', kind, ...own, on: {} };
      const ends = [
        { id: 'good', kind: 'end', as: 'good' },
        { id: 'bad', kind: 'end', as: 'bad' },
      ];
      const other = { id: 'other', kind: 'act', use: 'a.b', over: 'x', on: { all: 'good', some: 'good', none: 'good' } };
      const exits =
        {
          ask: ['answered'],
          approve: ['approved', 'declined'],
          act: ['all', 'some', 'none'],
          collect: ['all', 'some', 'none'],
          watch: ['quiet', 'active', 'unverified'],
          manual: ['done', 'failed'],
          notify: ['done', 'failed'],
          review: ['done'],
          case: ['closed', 'aborted'],
        }[kind] ?? [];
      const on = Object.fromEntries(exits.map((exit) => [exit, exit === worst ? 'bad' : 'good']));
      const machine = compile(aRunbook({ steps: [{ ...bare, on }, other, ...ends] }));
      expect(stepOf(play(machine, 'skip'))).toBe('bad');
    });

    it('leads where the step says, and nowhere from a step that may not be skipped', () => {
      expect(stepOf(play(lawful, 'all', 'approved', 'started', 'answered', 'all', 'approved', 'all', 'skip'))).toBe('learn');
      expect(() => play(lawful, 'skip')).toThrow(Fault);
      expect(() => play(lawful, 'all', 'approved', 'started', 'answered', 'none', 'skip')).toThrow('Step not-cut does not take');
    });
  });

  it('compiles 60 steps in 20 ms and advances 10,000 times a second', () => {
    const steps = Array.from({ length: 59 }, (_, index) => ({ id: `s${index}`, kind: 'manual', on: { done: index < 58 ? `s${index + 1}` : 's0', failed: 'end' } }));
    const runbook = aRunbook({ steps: [...steps, { id: 'end', kind: 'end', as: 'x' }] });
    compile(runbook);
    // Processor time, the best of a few: the figure is about the code, not about what else this computer does.
    const bestMs = (work: () => void): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const from = process.cpuUsage().user;
          work();
          return (process.cpuUsage().user - from) / 1000;
        }),
      );
    expect(bestMs(() => compile(runbook))).toBeLessThan(20);
    const machine = compile(runbook);
    expect(
      bestMs(() => {
        let position = begin(machine);
        for (let step = 0; step < 1000; step += 1) position = advance(machine, position, finish('done'));
      }),
    ).toBeLessThan(100);
  });
});

/** The rules once more, by hand: what the compiled machine must agree with. */
function model(runbook: Runbook): { take: (event: MachineEvent) => boolean; at: () => string } {
  const ahead = shortcuts(runbook);
  const jobs = new Map<string, string>();
  let at = runbook.steps[0];
  let over = false;
  const visited = new Set<string>();
  const arrive = (id: string | undefined): boolean => {
    at = runbook.steps.find((step) => step.id === id);
    visited.add(at?.id ?? '');
    return true;
  };
  const ended = (): boolean => at?.needs.every((job) => (jobs.get(job) ?? 'running') !== 'running') ?? false;
  const close = (): boolean => {
    if (at?.kind === 'end' && ended() && ![...jobs.values()].includes('running')) over = true;
    return true;
  };
  arrive(at?.id);
  close();
  const take = (event: MachineEvent): boolean => {
    if (over || !at) return false;
    const here = at;
    switch (event.type) {
      case 'finish': {
        if (here.kind === 'end' || !exitsOf(here).includes(event.outcome) || !ended()) return false;
        if (isJob(here)) jobs.set(here.id, 'running');
        return arrive((here.on as Record<string, string>)[event.outcome]) && close();
      }
      case 'skip': {
        const to = skipTarget(here);
        if (to === undefined) return false;
        if (isJob(here) && !jobs.has(here.id)) jobs.set(here.id, 'skipped');
        return arrive(to) && close();
      }
      case 'jump':
        return (visited.has(event.to) || ahead.get(here.id) === event.to) && arrive(event.to) && close();
      case 'job': {
        const job = runbook.steps.find((step) => step.id === event.job);
        if (!job || jobs.get(event.job) !== 'running' || ![...outcomesOf(job), 'none', 'skipped'].includes(event.outcome)) return false;
        jobs.set(event.job, event.outcome);
        return close();
      }
      case 'abort':
        over = true;
        return true;
    }
  };
  return { take, at: () => at?.id ?? '' };
}

function attempt<T>(work: () => T): T | Fault {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

describe('any machine', () => {
  const words = ['all', 'some', 'none', 'answered', 'approved', 'declined', 'started', 'quiet', 'active', 'done', 'failed', 'left', 'right', 'closed', 'skipped'];
  const anyEvent = fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('finish' as const), outcome: fc.constantFrom(...words) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('skip' as const) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('jump' as const), to: fc.nat(8).map((index) => (index === 8 ? 'end' : `s${index}`)) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('job' as const), job: fc.nat(7).map((index) => `s${index}`), outcome: fc.constantFrom(...words) }) },
  );

  it('takes an event exactly when the rules do, and goes where they go', () => {
    fc.assert(
      fc.property(anyRunbook(), fc.array(anyEvent, { maxLength: 60 }), (runbook, events) => {
        const machine = compile(runbook);
        const rules = model(runbook);
        let position = begin(machine);
        for (const event of events) {
          const may = accepts(machine, position, event);
          expect(rules.take(event)).toBe(may);
          const next = attempt(() => advance(machine, position, event));
          expect(next instanceof Fault).toBe(!may);
          if (!(next instanceof Fault)) position = next;
          expect(stepOf(position)).toBe(rules.at());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('shows as edges what the runbook says, and nothing else', () => {
    fc.assert(
      fc.property(anyRunbook(), (runbook) => {
        const said = runbook.steps.flatMap(waysOf);
        const shown = edges(compile(runbook));
        const key = (edge: { from: string; to: string; on: string }): string => `${edge.from} ${edge.on} ${edge.to}`;
        expect(
          shown
            .filter(({ kind }) => kind === 'outcome' || kind === 'skip')
            .map(key)
            .toSorted(),
        ).toEqual(said.map(key).toSorted());
        expect(new Map(shown.filter(({ on }) => on === 'ahead').map(({ from, to }) => [from, to]))).toEqual(shortcuts(runbook));
      }),
      { numRuns: 100 },
    );
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScenario, type Scenario } from '../../src/drill/scenario.ts';
import { readWorld } from '../../src/drill/world.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import type { Runbook, Step } from '../../src/runbook/schema.ts';

const good = `id: night
title: { en: Night, zh: 夜 }
brief: { en: Go, zh: 开始 }
world: { any: thing }
answers:
  approve-cut: approve
  contained: [cut-again, contained]
  logging: { skip: no time }
objectives:
  - { id: fast, text: { en: Fast, zh: 快 }, points: 10, when: { finished: cut, outcome: all, withinMinutes: 5 } }
`;

const problemsOf = (text: string): readonly string[] => parseScenario(text, 'night.yaml').problems.map(({ where, message }) => `${where?.line}:${where?.column} ${message}`);

describe('a scenario file', () => {
  it('gives answers, objectives, and an account nobody looked into here', () => {
    const { scenario, problems } = parseScenario(good, 'night.yaml');
    expect(problems).toEqual([]);
    expect(scenario).toMatchObject({ id: 'night', thinkSeconds: 20, world: { any: 'thing' }, answers: { contained: ['cut-again', 'contained'], logging: { skip: 'no time' } } });
    expect(scenario?.objectives[0]).toMatchObject({ must: false, when: { finished: 'cut', outcome: ['all'], withinMinutes: 5 } });
  });

  it.each([
    ['a missing translation', good.replace('brief: { en: Go, zh: 开始 }', 'brief: { en: Go }'), '3:8 "brief.zh" is missing.'],
    ['an unknown field', good.replace('world:', 'wrold: {}\nworld:'), '4:8 The drill has an unknown field "wrold".'],
    [
      'a number for an answer',
      good.replace('approve-cut: approve', 'approve-cut: 7'),
      '6:16 "answers.approve-cut" must be text, {skip: REASON}, {value: TEXT, second: NAME} or a list of these. Put numbers into quotes.',
    ],
    ['an unknown condition', good.replace('finished: cut', 'finishd: cut'), '10:62 "objectives.0.when" is none of the conditions:'],
    ['a condition out of bounds', good.replace('withinMinutes: 5', 'withinMinutes: -1'), '"objectives.0.when.withinMinutes" does not fit'],
    ['two conditions in one', good.replace('outcome: all', 'held: i-1'), '"objectives.0.when" is none of the conditions'],
    ['too many points to pass', `passPoints: 11\n${good}`, '1:13 There are only 10 points to reach.'],
    ['an id used twice', `${good}  - { id: fast, text: { en: F, zh: 快 }, points: 1, when: { closed: handled } }\n`, '11:11 Two objectives are called fast.'],
    ['broken YAML', good.replace('answers:', 'answers: ['), ':'],
  ])('with %s is refused with its place', (_, text, message) => {
    expect(parseScenario(text, 'night.yaml').scenario).toBeUndefined();
    expect(problemsOf(text).join('\n')).toContain(message);
    expect(parseScenario(text, 'night.yaml').problems[0]?.where).toMatchObject({ file: 'night.yaml', line: expect.any(Number) as number, column: expect.any(Number) as number });
  });

  it('may have a list approved by two', () => {
    expect(problemsOf(good.replace('approve-cut: approve', 'approve-cut: { value: approve, second: duty manager }'))).toEqual([]);
    expect(problemsOf(good.replace('approve-cut: approve', 'approve-cut: { second: duty manager }')).join()).toContain('{value: TEXT, second: NAME}');
  });

  it('that unfolds without end is refused', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c]\n${good}`;
    expect(parseScenario(bomb, 'night.yaml').problems[0]?.message).toContain('too many aliases');
  });
});

describe('the account of a scenario', () => {
  it('is refused with the place of each part that does not fit', () => {
    const { scenario } = parseScenario(good.replace('world: { any: thing }', 'world:\n  start: 3 a.m.\n  users: []'), 'night.yaml');
    expect(scenario).toBeDefined();
    const refusal = expect.objectContaining({ message: expect.stringContaining('world.start') as string, where: { file: 'night.yaml', line: 5, column: 10 } }) as object;
    expect(() => readWorld(scenario as Scenario, 'night.yaml')).toThrow(
      expect.objectContaining({ code: 'E_SCENARIO', problems: expect.arrayContaining([refusal]) as object[] }) as Error,
    );
  });
});

describe('every shipped drill', () => {
  const shipped = new URL('../../runbooks/', import.meta.url);
  const books = new Map<string, Runbook>();
  const book = (id: string): Runbook => {
    const known = books.get(id);
    if (known) return known;
    const { runbook } = parseRunbook(readFileSync(new URL(`${id}/runbook.yaml`, shipped), 'utf8'), `${id}.yaml`);
    if (!runbook) throw new Error(`${id} does not parse.`);
    books.set(id, runbook);
    return runbook;
  };

  /** The step of a path through child cases, `other-key/cut`; undefined where the runbooks lead to none. */
  const stepAt = (runbook: Runbook, path: readonly string[]): Step | undefined => {
    const step = runbook.steps.find(({ id }) => id === path[0]);
    if (path.length === 1 || step?.kind !== 'case') return path.length === 1 ? step : undefined;
    return stepAt(book(step.runbook), path.slice(1));
  };

  /** Can a person be asked by this name? An input, a debt of the whole case, or a step that takes answers. */
  const asks = (runbook: Runbook, name: string): boolean => {
    const path = name.split('/');
    const last = path.at(-1) ?? '';
    if (path.length === 1 && /^debt\.[1-9]\d*$/.test(last)) return true;
    if (!last.startsWith('input.')) return stepAt(runbook, path) !== undefined;
    const parent = path.length === 1 ? undefined : stepAt(runbook, path.slice(0, -1));
    const owner = path.length === 1 ? runbook : parent?.kind === 'case' ? book(parent.runbook) : undefined;
    return owner?.inputs[last.slice('input.'.length)] !== undefined;
  };

  const drills = readdirSync(shipped, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    const [, id, name] = /^([\w-]+)\/drills\/([\w-]+)\.yaml$/.exec(file) ?? [];
    return id === undefined || name === undefined ? [] : [{ id, name, file }];
  });

  it('is found', () => {
    expect(drills.map(({ file }) => file)).toContain('leaked-access-key/drills/first-night.yaml');
  });

  it.each(drills)('$file parses, and names only steps and outcomes its runbook has', ({ id, name, file }) => {
    const runbook = book(id);
    const { scenario, problems } = parseScenario(readFileSync(new URL(file, shipped), 'utf8'), file);
    expect(problems).toEqual([]);
    expect(scenario?.id).toBe(name);
    for (const answered of Object.keys(scenario?.answers ?? {})) expect(asks(runbook, answered), answered).toBe(true);
    for (const { when } of scenario?.objectives ?? []) {
      const finished = 'finished' in when ? when.finished : 'jobFinished' in when ? when.jobFinished : 'allTargetsDone' in when ? when.allTargetsDone : undefined;
      if (finished !== undefined) expect(stepAt(runbook, finished.split('/')), finished).toBeDefined();
    }
  });

  it('would be told that it names what is not there', () => {
    const runbook = book('leaked-access-key');
    expect(['other-key/confirm-account', 'other-key/input.lead', 'debt.1'].filter((name) => !asks(runbook, name))).toEqual([]);
    expect(['other-key/nowhere', 'contained/cut', 'other-key/input.nobody', 'input.nobody', 'debt.0', 'other-key/debt.1', 'debt'].filter((name) => asks(runbook, name))).toEqual(
      [],
    );
  });
});

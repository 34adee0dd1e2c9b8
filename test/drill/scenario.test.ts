import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScenario, type Scenario } from '../../src/drill/scenario.ts';
import { readWorld } from '../../src/drill/world.ts';
import { leakedKey } from '../support/story.ts';

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
  const folder = new URL('../../runbooks/leaked-access-key/drills/', import.meta.url);
  const steps = new Map(leakedKey.steps.map((step) => [step.id, step]));

  it.each(readdirSync(folder))('%s parses, and names only steps and outcomes its runbook has', (file) => {
    const { scenario, problems } = parseScenario(readFileSync(new URL(file, folder), 'utf8'), file);
    expect(problems).toEqual([]);
    expect(scenario?.id).toBe(file.replace('.yaml', ''));
    for (const step of Object.keys(scenario?.answers ?? {})) expect(step.startsWith('input.') ? leakedKey.inputs[step.slice(6)] : steps.get(step), step).toBeDefined();
    for (const { when } of scenario?.objectives ?? []) {
      const name = 'finished' in when ? when.finished : 'jobFinished' in when ? when.jobFinished : 'allTargetsDone' in when ? when.allTargetsDone : undefined;
      if (name !== undefined) expect(steps.get(name), name).toBeDefined();
    }
  });
});

import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { Objective, type Condition } from '../../src/drill/scenario.ts';
import { score, type ObjectiveResult } from '../../src/drill/score.ts';
import { aHandledCase, aMachine } from '../support/cases.ts';
import { aStory } from '../support/story.ts';
import type { z } from 'zod';

const played = aHandledCase({ exercise: true });

function anObjective(when: z.input<typeof Condition>, more: Partial<Objective> = {}): Objective {
  return Objective.parse({ id: 'one', text: { en: 'One', zh: '一' }, points: 10, when, ...more });
}

const judge = (when: z.input<typeof Condition>, entries: readonly Entry[] = played): ObjectiveResult | undefined =>
  score(entries, { id: 's', objectives: [anObjective(when)] }).results[0];

describe('a condition', () => {
  it.each<readonly [string, z.input<typeof Condition>, boolean]>([
    ['a step that ended', { finished: 'cut' }, true],
    ['a step that ended as asked', { finished: 'cut', outcome: ['all', 'some'] }, true],
    ['a step that ended otherwise', { finished: 'stop-rogue', outcome: 'all' }, false],
    ['a step that was skipped', { finished: 'logging' }, false],
    ['a step never reached', { finished: 'leak-copies' }, false],
    ['a step in time', { finished: 'cut', withinMinutes: 1 }, true],
    ['a step too late', { finished: 'contained', withinMinutes: 5 }, false],
    ['a job that ended as asked', { jobFinished: 'quiet', outcome: 'quiet' }, true],
    ['a job that was skipped', { jobFinished: 'key-record' }, false],
    ['a write that went through', { done: 'ram:UpdateAccessKey', target: 'LTAI5tEXAMPLEbk00002' }, true],
    ['a write that was refused', { done: 'ecs:StopInstances', target: 'i-miner2' }, false],
    ['a write never sent', { never: 'ram:DeleteAccessKey' }, true],
    ['a write that was sent, refused or not', { never: 'ecs:StopInstances', target: 'i-miner2' }, false],
    ['a target held back', { held: 'i-ours' }, true],
    ['a target acted on', { held: 'i-miner1' }, false],
    ['a target never listed', { held: 'i-elsewhere' }, false],
    ['evidence that was waived', { evidenceBefore: 'ecs:StopInstances' }, false],
    ['evidence for what was not done', { evidenceBefore: 'ecs:DeleteInstances' }, false],
    ['the right order', { order: ['cut', 'ecs:StopInstances'] }, true],
    ['the wrong order', { order: ['ecs:StopInstances', 'ram:UpdateAccessKey'] }, false],
    ['half an order', { order: ['cut', 'ecs:DeleteInstances'] }, false],
    ['targets all done', { allTargetsDone: 'cut' }, true],
    ['targets not all done', { allTargetsDone: 'stop-rogue' }, false],
    ['the end that was reached', { closed: 'handled' }, true],
    ['another end', { closed: 'false-alarm' }, false],
  ])('on %s', (_, when, reached) => {
    const result = judge(when);
    expect(result?.reached).toBe(reached);
    expect(result?.why.en).not.toBe('');
    expect(result?.why.zh).not.toBe('');
  });

  it('on evidence holds once each target has some, sealed before its call', () => {
    const write = { product: 'ecs', action: 'StopInstances', targets: ['i-a', 'i-b'], class: 'R2' };
    const sealed = (): ReturnType<typeof aStory> => aStory().seal('volatile', 'volatile', 'i-a').seal('before', 'stop-rogue', 'i-b');
    expect(judge({ evidenceBefore: 'ecs:StopInstances' }, sealed().write('stop-rogue', write).seal('volatile', 'volatile', 'i-b').entries())?.why.en).toContain('i-b');
    expect(judge({ evidenceBefore: 'ecs:StopInstances' }, sealed().seal('volatile', 'volatile', 'i-b').write('stop-rogue', write).entries())?.reached).toBe(true);
  });

  it('on what must never happen is known only at the end', () => {
    expect(judge({ never: 'ram:DeleteAccessKey' }, aStory().entries())?.why.en).toBe('The case is still open.');
    const held = aStory().approve('approve-stop', 'stop-rogue', [aMachine('i-a', 'a')], [{ id: 'i-b', why: {} }]);
    expect(judge({ held: 'i-b' }, held.entries())?.reached).toBe(false);
  });

  it('on a step of a child case names its frame', () => {
    const story = aStory().tell({ type: 'step.finished', frame: 'second-key', step: 'cut', visit: 1, outcome: 'all' });
    expect(judge({ finished: 'second-key/cut' }, story.entries())?.reached).toBe(true);
    expect(judge({ finished: 'cut' }, story.entries())?.reached).toBe(false);
  });
});

describe('a score', () => {
  const reached = anObjective({ finished: 'cut' }, { id: 'a', points: 70 });
  const missed = anObjective({ finished: 'leak-copies' }, { id: 'b', points: 30 });

  it('adds the points of what was reached and passes at seven tenths', () => {
    expect(score(played, { id: 's', objectives: [reached, missed] })).toMatchObject({ points: 70, of: 100, passPoints: 70, passed: true });
    expect(score(played, { id: 's', objectives: [reached, { ...missed, points: 31 }] })).toMatchObject({ passPoints: 71, passed: false });
  });

  it('takes the points the scenario asks for instead', () => {
    expect(score(played, { id: 's', objectives: [reached, missed], passPoints: 71 }).passed).toBe(false);
  });

  it('fails a drill that missed what it must not miss', () => {
    expect(score(played, { id: 's', objectives: [reached, { ...missed, points: 1, must: true }] })).toMatchObject({ points: 70, passed: false });
  });
});

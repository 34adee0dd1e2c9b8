// Random runbooks for property tests: any kind of step, any target, most of them unlawful, all of them compilable.
import fc from 'fast-check';
import { outcomes } from '../../src/runbook/outcome.ts';
import { Runbook, type StepKind } from '../../src/runbook/schema.ts';
import { aRunbookSource, both, type StepSource } from './runbooks.ts';

const kinds = Object.keys(outcomes) as StepKind[];

/** Runbooks of 2 to `most` steps over the operations and facts of `sampleOperations`. The last step is an end. */
export function anyRunbook(most = 8): fc.Arbitrary<Runbook> {
  return fc
    .array(
      fc.record({
        kind: fc.constantFrom(...kinds),
        background: fc.boolean(),
        targets: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        skip: fc.nat(3),
        act: fc.nat(),
        need: fc.nat(),
      }),
      { minLength: 1, maxLength: most - 1 },
    )
    .map((rolls) => {
      const ids = rolls.map((_, index) => `s${index}`).concat('end');
      const pick = (roll: number): string => ids[roll % ids.length] ?? 'end';
      const acts = rolls.flatMap(({ kind }, index) => (kind === 'act' ? [`s${index}`] : []));
      const jobs = rolls.flatMap(({ kind, background }, index) => ((kind === 'collect' || kind === 'watch') && background ? [`s${index}`] : []));
      const steps = rolls.map(({ kind, background, targets, skip, act, need }, index): StepSource => {
        const job = background && (kind === 'collect' || kind === 'watch');
        const ways = job ? ['started'] : kind === 'decide' ? ['left', 'right'] : outcomes[kind];
        const needed = jobs.length > 0 && need % 6 === 0 ? [jobs[need % jobs.length] ?? ''].filter((each) => each !== `s${index}`) : [];
        return {
          id: `s${index}`,
          kind,
          ...(kind === 'end' ? { as: 'x' } : { on: Object.fromEntries(ways.map((way, at) => [way, pick(targets[at] ?? 0)])) }),
          ...(kind !== 'end' && skip === 1 ? { skip: false } : kind !== 'end' && skip === 2 ? { skip: pick(need) } : {}),
          ...(needed.length > 0 ? { needs: needed } : {}),
          ...(kind === 'ask' || kind === 'review' ? { fact: 'ticket', example: 'x' } : {}),
          ...(kind === 'decide' ? { choices: { left: { label: both('left') }, right: { label: both('right') } } } : {}),
          ...(kind === 'approve' ? (acts.length > 0 ? { act: acts[act % acts.length] } : { confirm: 'account' }) : {}),
          ...(kind === 'act' ? { use: 'sample.stop', over: 'machines' } : {}),
          ...(kind === 'collect' ? { use: 'sample.seal', ...(job ? {} : { over: 'machines' }), background } : {}),
          ...(kind === 'watch' ? { use: 'sample.quiet', background } : {}),
          ...(kind === 'notify' ? { who: both('all'), message: both('hello') } : {}),
          ...(kind === 'case' ? { runbook: 'other' } : {}),
        };
      });
      const approvals = steps.filter((step) => step.kind === 'approve');
      const cut = approvals[0]?.id;
      return Runbook.parse(aRunbookSource({ ...(cut === undefined ? {} : { cut }), steps: [...steps, { id: 'end', kind: 'end', as: 'x' }] }));
    });
}

// Small valid runbooks to build tests on: change one part, keep the rest good.
import { stringify } from 'yaml';
import { parseRunbook } from '../../src/runbook/parse.ts';
import { renderProblem } from '../../src/errors.ts';
import type { Runbook, Step } from '../../src/runbook/schema.ts';
import type { Text } from '../../src/text.ts';

type StepInput = Partial<Omit<Step, 'on'>> & { readonly id: string; readonly kind: Step['kind']; readonly on?: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>;
type RunbookInput = Readonly<Partial<Omit<Runbook, 'steps'>>> & { readonly steps?: readonly StepInput[] };

/** The same text in both languages, told apart. */
export function both(en: string): Text {
  return { en, zh: `〔${en}〕` };
}

/** One step as written: title, text and phase are filled in, all else is up to the test. */
export function aStep(step: StepInput): StepInput {
  return { phase: 'work', title: both(step.id), text: both(`About ${step.id}.`), ...step };
}

const ofOneQuestion: readonly StepInput[] = [
  { id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } },
  { id: 'close', kind: 'end', as: 'done' },
];

/** A runbook as an object before parsing: two steps unless `steps` says otherwise. */
export function aRunbookSource(overrides: RunbookInput = {}): Readonly<Record<string, unknown>> {
  const { steps, ...head } = overrides;
  return {
    id: 'sample',
    version: 1,
    title: both('Sample'),
    summary: both('A runbook for tests.'),
    owners: ['security'],
    reviewed: '2026-01-31',
    threat: both('Nothing real.'),
    attack: ['T1078.004'],
    severity: 'low',
    phases: [{ id: 'work', title: both('Work') }],
    inputs: {},
    ...head,
    steps: (steps ?? ofOneQuestion).map(aStep),
  };
}

/** The YAML text of `aRunbookSource`. */
export function aRunbookText(overrides: RunbookInput = {}): string {
  return stringify(aRunbookSource(overrides));
}

/** A parsed runbook; throws with the problems when the overrides make it invalid. */
export function aRunbook(overrides: RunbookInput = {}): Runbook {
  const { runbook, problems } = parseRunbook(aRunbookText(overrides), 'sample.yaml');
  if (runbook === undefined) throw new Error(problems.map(renderProblem).join('\n'));
  return runbook;
}

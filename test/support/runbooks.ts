// Small valid runbooks to build tests on: change one part, keep the rest good.
import { stringify } from 'yaml';
import { z } from 'zod';
import { defineAction, defineCollector, type Action, type Collector } from '../../src/actions/define.ts';
import { renderProblem } from '../../src/errors.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import type { Text } from '../../src/text.ts';

/** A step as written in YAML; `title`, `text` and `phase` are filled in. */
export type StepSource = Readonly<Record<string, unknown>> & { readonly id: string; readonly kind: string };
export type RunbookSource = Readonly<Record<string, unknown>> & { readonly steps?: readonly StepSource[] };

/** The same text in both languages, told apart. */
export function both(en: string): Text {
  return { en, zh: `〔${en}〕` };
}

const twoSteps: readonly StepSource[] = [
  { id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } },
  { id: 'close', kind: 'end', as: 'done' },
];

/** A runbook as an object before parsing: two steps unless `steps` says otherwise. */
export function aRunbookSource(overrides: RunbookSource = {}): Readonly<Record<string, unknown>> & { readonly steps: readonly StepSource[] } {
  const { steps = twoSteps, ...head } = overrides;
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
    steps: steps.map(({ id, kind, ...rest }) => ({ id, kind, phase: 'work', title: both(id), text: both(`About ${id}.`), ...rest })),
  };
}

/** The YAML text of `aRunbookSource`. */
export function aRunbookText(overrides: RunbookSource = {}): string {
  return stringify(aRunbookSource(overrides), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** A parsed runbook; throws with the problems when the overrides make it invalid. */
export function aRunbook(overrides: RunbookSource = {}): Runbook {
  const { runbook, problems } = parseRunbook(aRunbookText(overrides), 'sample.yaml');
  if (runbook === undefined) throw new Error(problems.map(renderProblem).join('\n'));
  return runbook;
}

/** Steps that keep every law, with one act of each class; see `sampleOperations`. */
const lawfulSteps: readonly StepSource[] = [
  { id: 'who', kind: 'collect', use: 'sample.who', skip: false, on: { all: 'confirm', some: 'confirm', none: 'stopped' } },
  { id: 'confirm', kind: 'approve', confirm: 'account', verb: 'confirm', skip: false, on: { approved: 'record', declined: 'stopped' } },
  { id: 'record', kind: 'collect', use: 'sample.record', background: true, skip: false, on: { started: 'ask' } },
  { id: 'ask', kind: 'ask', fact: 'ticket', example: 'a ticket', on: { answered: 'find' } },
  { id: 'find', kind: 'collect', use: 'sample.find', with: { key: '$key' }, on: { all: 'approve-cut', some: 'approve-cut', none: 'not-cut' } },
  { id: 'approve-cut', kind: 'approve', act: 'cut', verb: 'cut', on: { approved: 'cut', declined: 'not-cut' } },
  { id: 'not-cut', kind: 'decide', choices: { again: { label: both('Look again') }, stop: { label: both('Stop') } }, on: { again: 'find', stop: 'stopped' } },
  { id: 'cut', kind: 'act', use: 'sample.cut', over: 'keys', on: { all: 'quiet', some: 'quiet', none: 'not-cut' } },
  { id: 'quiet', kind: 'watch', use: 'sample.quiet', background: true, skip: 'learn', on: { started: 'seal' } },
  { id: 'seal', kind: 'collect', use: 'sample.seal', over: 'machines', on: { all: 'approve-stop', some: 'approve-stop', none: 'learn' } },
  { id: 'approve-stop', kind: 'approve', act: 'stop', verb: 'stop', on: { approved: 'stop', declined: 'learn' } },
  { id: 'stop', kind: 'act', use: 'sample.stop', over: 'machines', on: { all: 'approve-delete', some: 'approve-delete', none: 'learn' } },
  { id: 'approve-delete', kind: 'approve', act: 'delete', verb: 'delete', on: { approved: 'delete', declined: 'learn' } },
  { id: 'delete', kind: 'act', use: 'sample.delete', over: 'machines', needs: ['record', 'quiet'], on: { all: 'learn', some: 'learn', none: 'learn' } },
  { id: 'learn', kind: 'review', fact: 'lesson', example: 'what was learnt', on: { done: 'closed' } },
  { id: 'closed', kind: 'end', as: 'handled', needs: ['record'] },
  { id: 'stopped', kind: 'end', as: 'stopped' },
];

/** A runbook that keeps every law; `steps` are changed by id, `undefined` takes one out. */
export function aLawfulSource(changes: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> = {}, head: RunbookSource = {}): RunbookSource {
  const steps = lawfulSteps.flatMap((step): StepSource[] => (!Object.hasOwn(changes, step.id) ? [step] : changes[step.id] === undefined ? [] : [{ ...step, ...changes[step.id] }]));
  return { cut: 'approve-cut', inputs: { key: { title: both('Which key?'), example: 'a key' } }, ...head, steps: [...steps, ...(head.steps ?? [])] };
}

const silence = both('.');

/** An action that does nothing, of class R1 unless said otherwise. */
export function anAction(overrides: Partial<Action> = {}): Action {
  return defineAction({
    summary: both('Does nothing.'),
    class: 'R1',
    calls: ['ram:UpdateAccessKey'],
    undoes: [],
    targets: 'key',
    input: z.object({}),
    needs: [],
    loses: silence,
    leaves: silence,
    console: silence,
    before: async () => ({ status: 'ready', state: null }),
    plan: () => [],
    holds: async () => ({ status: 'yes' }),
    withinMs: 1,
    undo: () => [],
    ...overrides,
  });
}

/** A collector that finds nothing. */
export function aCollector(overrides: Partial<Collector> = {}): Collector {
  return defineCollector({ summary: both('Finds nothing.'), calls: ['ram:ListUsers'], input: z.object({}), gives: [], slice: async () => ({ outcome: 'all' }), ...overrides });
}

export const sampleOperations: Readonly<Record<string, Action | Collector>> = {
  'sample.who': aCollector({ gives: ['account'] }),
  'sample.record': aCollector({ seals: 'full-record' }),
  'sample.find': aCollector({ gives: ['keys', 'machines'], input: z.object({ key: z.string(), days: z.number().int().optional() }) }),
  'sample.quiet': aCollector(),
  'sample.seal': aCollector({ seals: 'volatile' }),
  'sample.cut': anAction(),
  'sample.stop': anAction({ class: 'R2', needs: ['volatile'] }),
  'sample.delete': anAction({ class: 'R3', needs: ['volatile'], undo: () => ({ irreversible: silence }) }),
};

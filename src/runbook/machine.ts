// The runbook as a pure state machine: which step may follow which. Knows no trail, no clock, no cloud.
import { assign, initialTransition, setup, transition } from 'xstate';
import { Fault } from '../errors.ts';
import type { Edge } from './graph.ts';
import { endsOf, isJob, mappedOf, skipTarget } from './outcome.ts';
import type { Runbook, Step } from './schema.ts';
import { shortcuts } from './shortcut.ts';

export type MachineEvent =
  | { readonly type: 'finish'; readonly outcome: string }
  | { readonly type: 'skip' }
  | { readonly type: 'jump'; readonly to: string }
  | { readonly type: 'abort' }
  | { readonly type: 'job'; readonly job: string; readonly outcome: string };

type Context = { readonly visited: readonly string[]; readonly jobs: Readonly<Record<string, string>> };

/** Where a run stands: plain data, fit for JSON. Only this file looks inside. */
export type Position = { readonly at: string; readonly context: Context };

/** The state an aborted run ends in; no step may bear its name. */
const aborted = 'aborted';

/** The final state behind an end step, entered once no job runs: until then jobs may still end there. A step id holds no slash. */
const closing = '/closed';

type WithNeeds = { readonly needs: readonly string[] };
type OfJob = { readonly job: string };

const language = setup({
  types: { context: {} as Context, events: {} as MachineEvent },
  guards: {
    over: ({ context }, { needs }: WithNeeds) => ended(context, [...needs, ...Object.keys(context.jobs)]),
    outcome: ({ context, event }, { is, needs }: WithNeeds & { readonly is: string }) => event.type === 'finish' && event.outcome === is && ended(context, needs),
    back: ({ context, event }, { to }: { readonly to: string }) => event.type === 'jump' && event.to === to && context.visited.includes(to),
    ahead: ({ event }, { to }: { readonly to: string }) => event.type === 'jump' && event.to === to,
    ends: ({ context, event }, { job, as }: OfJob & { readonly as: readonly string[] }) =>
      event.type === 'job' && event.job === job && context.jobs[job] === 'running' && as.includes(event.outcome),
  },
  actions: {
    visit: assign({
      visited: ({ context }, { step }: { readonly step: string }) => (context.visited.includes(step) ? context.visited : [...context.visited, step]),
    }),
    startJob: assign({ jobs: ({ context }, { job }: OfJob) => ({ ...context.jobs, [job]: 'running' }) }),
    // Skipping the step again does not give up a job that runs or has ended.
    skipJob: assign({ jobs: ({ context }, { job }: OfJob) => ({ [job]: 'skipped', ...context.jobs }) }),
    endJob: assign({ jobs: ({ context, event }) => (event.type === 'job' ? { ...context.jobs, [event.job]: event.outcome } : context.jobs) }),
  },
});

function ended(context: Context, needs: readonly string[]): boolean {
  return needs.every((job) => (context.jobs[job] ?? 'running') !== 'running');
}

export type Machine = ReturnType<typeof compile>;

/**
 * Compiles a runbook whose targets all exist: one state per step, no invoke, no timer, no effect.
 * Jumps go back to a visited step, or ahead to the next gate before the cut.
 * A step with `needs` can be entered at once but only finishes when those jobs have ended.
 */
export function compile(runbook: Runbook) {
  const [first] = runbook.steps;
  const ahead = shortcuts(runbook);
  const jumps = runbook.steps.map((step) => ({ guard: { type: 'back' as const, params: { to: step.id } }, target: `.${step.id}`, reenter: true }));
  const jobs = runbook.steps.filter(isJob).map((step) => ({ guard: { type: 'ends' as const, params: { job: step.id, as: endsOf(step) } }, actions: 'endJob' as const }));
  return language.createMachine({
    id: runbook.id,
    context: { visited: [], jobs: {} },
    initial: first?.id ?? aborted,
    on: { jump: jumps, job: jobs, abort: { target: `.${aborted}` } },
    states: Object.fromEntries([...runbook.steps.flatMap((step) => statesOf(step, ahead.get(step.id))), [aborted, { type: 'final' as const }]]),
  });
}

type State = Parameters<typeof language.createStateConfig>[0];

function statesOf(step: Step, ahead: string | undefined): readonly (readonly [string, State])[] {
  const entry = { type: 'visit' as const, params: { step: step.id } };
  const { needs } = step;
  if (step.kind === 'end') {
    return [
      [step.id, { entry, always: { guard: { type: 'over' as const, params: { needs } }, target: step.id + closing } }],
      [step.id + closing, { type: 'final' }],
    ];
  }
  const job = isJob(step);
  const finish = mappedOf(step).map(([is, target]) => ({
    guard: { type: 'outcome' as const, params: { is, needs } },
    target,
    reenter: true,
    ...(job ? { actions: { type: 'startJob' as const, params: { job: step.id } } } : {}),
  }));
  const target = skipTarget(step);
  const given = job ? { actions: { type: 'skipJob' as const, params: { job: step.id } } } : {};
  const skip = target === undefined ? {} : { skip: { target, reenter: true, ...given } };
  const jump = ahead === undefined ? {} : { jump: { guard: { type: 'ahead' as const, params: { to: ahead } }, target: ahead } };
  return [[step.id, { entry, on: { finish, ...skip, ...jump } }]];
}

/** The position of a run that has just begun. */
export function begin(machine: Machine): Position {
  const [snapshot] = initialTransition(machine);
  return { at: String(snapshot.value), context: snapshot.context };
}

/** The next position. @throws Fault E_ENTRY when the machine does not accept the event there; xstate alone would ignore it. */
export function advance(machine: Machine, position: Position, event: MachineEvent): Position {
  const snapshot = machine.resolveState({ value: position.at, context: position.context });
  if (isDone(machine, position) || !snapshot.can(event)) throw refusal(machine, position, event);
  const [next] = transition(machine, snapshot, event);
  return { at: String(next.value), context: next.context };
}

/** Would `advance` take this event? */
export function accepts(machine: Machine, position: Position, event: MachineEvent): boolean {
  return !isDone(machine, position) && machine.resolveState({ value: position.at, context: position.context }).can(event);
}

/** The step the cursor stands on, `aborted` after an abort. */
export function stepOf(position: Position): string {
  return position.at.endsWith(closing) ? position.at.slice(0, -closing.length) : position.at;
}

/** Is there nothing left to happen? On an end step that is so once no job runs. */
export function isDone(machine: Machine, position: Position): boolean {
  return machine.states[position.at]?.type === 'final';
}

function refusal(machine: Machine, position: Position, event: MachineEvent): Fault {
  const step = stepOf(position);
  const said = JSON.stringify(event);
  if (isDone(machine, position)) return new Fault('E_ENTRY', `The run ended at ${step}; it takes nothing more, not ${said}.`);
  const running = Object.entries(position.context.jobs).flatMap(([job, status]) => (status === 'running' ? [job] : []));
  const ways = edges(machine).filter((edge) => edge.from === step);
  const taken = [
    ...ways.filter((edge) => edge.kind !== 'jump').map((edge) => edge.on),
    ...ways.filter((edge) => edge.on === 'ahead').map((edge) => `a jump to ${edge.to}`),
    'a jump back to a visited step',
    ...running.map((job) => `the end of job ${job}`),
  ];
  const early = event.type === 'finish' && ways.some((edge) => edge.kind === 'outcome' && edge.on === event.outcome);
  if (early) return new Fault('E_ENTRY', `Step ${step} does not take ${said} yet: jobs it needs have not ended.`);
  return new Fault('E_ENTRY', `Step ${step} does not take ${said}. It takes: ${taken.join(', ')}.`);
}

/** Every way from step to step, read from the compiled machine. A jump back stands for every pair: only its guard knows what was visited. */
export function edges(machine: Machine): readonly Edge[] {
  const { root } = machine;
  const steps = Object.values(root.states).filter((state) => state.type !== 'final');
  return steps.flatMap((state) => [...own(state), ...own(root, state.key)]);
}

type Node = Machine['root'];

function own(node: Node, from: string = node.key): readonly Edge[] {
  return [...node.transitions.values()].flat().flatMap(({ eventType, guard, target }): Edge[] => {
    const params = typeof guard === 'object' && 'params' in guard ? (guard.params as { readonly is?: string }) : {};
    const to = target?.[0]?.key;
    if (to === undefined) return [];
    if (eventType === 'finish') return [{ from, to, on: params.is ?? '', kind: 'outcome' }];
    if (eventType === 'jump') return [{ from, to, on: node === node.machine.root ? 'back' : 'ahead', kind: 'jump' }];
    return eventType === 'skip' || eventType === 'abort' ? [{ from, to, on: eventType, kind: eventType }] : [];
  });
}

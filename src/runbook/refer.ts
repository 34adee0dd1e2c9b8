// What a runbook's parts must say of one another, before any machine: ids, targets, jobs, phases, choices. Pure.
import { aStepOf, endsOf, exitsOf, isJob, mappedOf, skipTarget, type JobStep } from './outcome.ts';
import { suggest, type Flaw, type Path } from './problem.ts';
import type { Runbook, Step, StepKind, StepOf } from './schema.ts';

/** Names the machine keeps for itself. */
const reserved: readonly string[] = ['aborted', 'input'];

type Jobs = ReadonlyMap<string, JobStep>;
type Report = (code: Flaw['code'], message: string, path: Path, part?: 'key') => void;

/** Every reference that leads nowhere and every part that contradicts another. Empty: the runbook can be compiled. */
export function crossCheck(runbook: Runbook): readonly Flaw[] {
  const flaws: Flaw[] = [];
  const report: Report = (code, message, path, part) => void flaws.push({ code, message, path, ...(part === undefined ? {} : { part }) });
  const kinds = new Map<string, StepKind>(runbook.steps.map((step) => [step.id, step.kind]));
  const jobs: Jobs = new Map(runbook.steps.filter(isJob).map((step) => [step.id, step]));
  const phases = new Set(runbook.phases.map((phase) => phase.id));

  checkHead(runbook, kinds, report);
  const seen = new Set<string>();
  for (const [index, step] of runbook.steps.entries()) {
    const path: Path = ['steps', index];
    if (seen.has(step.id)) report('R_DUPLICATE', `There are two steps "${step.id}".`, [...path, 'id']);
    if (reserved.includes(step.id)) report('R_DUPLICATE', `A step can not be called "${step.id}": the engine uses that name.`, [...path, 'id']);
    seen.add(step.id);
    if (!phases.has(step.phase)) report('R_PHASE', `Step ${step.id} is in phase "${step.phase}", which is not listed.${suggest(step.phase, [...phases])}`, [...path, 'phase']);
    for (const [at, job] of step.needs.entries()) {
      if (!jobs.has(job)) report('R_NEEDS', `Step ${step.id} needs "${job}", which is not a job.${suggest(job, [...jobs.keys()])}`, [...path, 'needs', at]);
      else if (job === step.id) report('R_NEEDS', `Step ${step.id} needs itself.`, [...path, 'needs', at]);
    }
    if (step.kind !== 'end' && step.once && skipTarget(step) === undefined)
      report('R_OUTCOME', `Step ${step.id} is left out in a child case, yet it does not say where a skip leads.`, [...path, 'once']);
    checkWays(step, kinds, path, report);
    checkKind(step, kinds, jobs, path, report);
  }
  return flaws;
}

function checkHead(runbook: Runbook, kinds: ReadonlyMap<string, StepKind>, report: Report): void {
  const seen = new Set<string>();
  for (const [index, phase] of runbook.phases.entries()) {
    if (seen.has(phase.id)) report('R_DUPLICATE', `There are two phases "${phase.id}".`, ['phases', index, 'id']);
    seen.add(phase.id);
  }
  for (const [name, input] of Object.entries(runbook.inputs)) {
    const { propose } = input;
    const choices = input.choices && Object.keys(input.choices);
    if (choices && choices.length < 2) report('R_CHOICE', `Input ${name} offers fewer than two choices.`, ['inputs', name, 'choices']);
    if (choices && propose !== undefined && !propose.startsWith('$') && !choices.includes(propose)) {
      report('R_CHOICE', `Input ${name} proposes "${propose}", which is not offered.${suggest(propose, choices)}`, ['inputs', name, 'propose']);
    }
    if (choices && !choices.includes(input.example)) report('R_CHOICE', `Input ${name} gives the example "${input.example}", which is not offered.`, ['inputs', name, 'example']);
  }
  const { cut } = runbook;
  if (cut === undefined) return;
  const kind = kinds.get(cut);
  if (kind === undefined) report('R_DANGLING', `"cut" names "${cut}", which is no step.${suggest(cut, [...kinds.keys()])}`, ['cut']);
  else if (kind !== 'approve') report('R_APPROVES', `"cut" names ${cut}, ${aStepOf(kind)}: it must be the approve step of the cut.`, ['cut']);
}

function checkWays(step: Step, kinds: ReadonlyMap<string, StepKind>, path: Path, report: Report): void {
  if (step.kind === 'end') return;
  const exits = exitsOf(step);
  const ways = mappedOf(step);
  const job = isJob(step);
  for (const exit of exits) {
    if (!ways.some(([on]) => on === exit)) {
      const why = job ? `It runs in the background, so it leads on with "started" alone.` : `It is ${aStepOf(step.kind)}, which also ends so.`;
      report('R_OUTCOME', `Step ${step.id} does not say where "${exit}" leads. ${why}`, [...path, 'on']);
    }
  }
  for (const [on, target] of ways) {
    if (!exits.includes(on)) {
      report('R_OUTCOME', `Step ${step.id} never ends with "${on}", only with ${exits.join(', ') || 'nothing'}.${suggest(on, exits)}`, [...path, 'on', on], 'key');
    }
    if (!kinds.has(target)) report('R_DANGLING', `Step ${step.id} leads to "${target}" on ${on}, which is no step.${suggest(target, [...kinds.keys()])}`, [...path, 'on', on]);
  }
  if (typeof step.skip === 'string' && !kinds.has(step.skip)) {
    report('R_DANGLING', `Skipping ${step.id} leads to "${step.skip}", which is no step.${suggest(step.skip, [...kinds.keys()])}`, [...path, 'skip']);
  }
}

function checkKind(step: Step, kinds: ReadonlyMap<string, StepKind>, jobs: Jobs, path: Path, report: Report): void {
  if (step.kind === 'ask') {
    const { choices, propose, example } = step;
    const offered = choices === undefined ? undefined : Object.keys(choices);
    if (offered && offered.length < 2) report('R_CHOICE', `Step ${step.id} offers fewer than two choices.`, [...path, 'choices']);
    for (const [field, value] of Object.entries({ propose, example })) {
      if (offered && value !== undefined && !value.startsWith('$') && !offered.includes(value)) {
        report('R_CHOICE', `Step ${step.id}: "${field}" is "${value}", which is not offered.${suggest(value, offered)}`, [...path, field]);
      }
    }
  }
  if (step.kind === 'decide') checkChoices(step, jobs, path, report);
  if (step.kind === 'approve') {
    const other = step.act === undefined ? undefined : kinds.get(step.act);
    if ((step.act === undefined) === (step.confirm === undefined)) {
      report('R_APPROVES', `Step ${step.id} must name either "act" or "confirm", and not both.`, path);
    } else if (step.act !== undefined && other !== 'act') {
      report('R_APPROVES', `Step ${step.id} approves "${step.act}", which is ${other === undefined ? 'no step' : `${aStepOf(other)}, not an act step`}.`, [...path, 'act']);
    }
  }
}

function checkChoices(step: StepOf<'decide'>, jobs: Jobs, path: Path, report: Report): void {
  const choices = Object.entries(step.choices);
  if (choices.length < 2) report('R_CHOICE', `Step ${step.id} offers fewer than two choices.`, [...path, 'choices']);
  for (const [name, { when }] of choices) {
    if (when === undefined) continue;
    const at = [...path, 'choices', name, 'when'];
    const job = jobs.get(when.job);
    if (job === undefined) {
      report('R_NEEDS', `Choice ${name} of ${step.id} depends on "${when.job}", which is not a job.${suggest(when.job, [...jobs.keys()])}`, [...at, 'job']);
      continue;
    }
    for (const [index, end] of when.is.entries()) {
      if (!endsOf(job).includes(end))
        report('R_CHOICE', `Choice ${name} of ${step.id}: ${job.id} never ends as "${end}", only as ${endsOf(job).join(', ')}.`, [...at, 'is', index]);
    }
  }
  // One choice must be open whatever the jobs say: it depends on none, or a job that is waited for opens one by each of its ends.
  const always = choices.some(([, { when, has }]) => when === undefined && has === undefined);
  const covered = step.needs.some((id) => {
    const job = jobs.get(id);
    return job !== undefined && endsOf(job).every((end) => choices.some(([, { when, has }]) => has === undefined && when?.job === id && when.is.includes(end)));
  });
  if (!always && !covered) report('R_CHOICE', `Every choice of ${step.id} depends on a job or a fact, so there may be none to make.`, [...path, 'choices']);
}

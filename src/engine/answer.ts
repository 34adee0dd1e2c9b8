// What a person says, turned into entries: answers, skips, waivers, jumps, aborts. Refuses before anything is written.
import type { Draft } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import { accepts, type MachineEvent } from '../runbook/machine.ts';
import type { Runbook } from '../runbook/schema.ts';
import { clip, type JsonObject, type Lang } from '../text.ts';
import { outcomeOfTargets } from './act.ts';
import { freeze } from './freeze.ts';
import { notGiven } from './collect.ts';
import { expectAhead, readAcceptance, type Acceptance } from './debts.ts';
import { answerFact, misfit } from './formats.ts';
import { acceptValue, pendingOf, type Pending } from './pending.ts';
import { catchUp, record, witness, type Run } from './run.ts';
import { agree, expectName, isSamePerson, needsTwo, waiveSecond } from './second.ts';
import { told } from './settle.ts';
import { current, stepPath, targetsOf, visitOf, type Frame } from './frame.ts';

export type Via = Extract<Draft, { type: 'answer.given' }>['via'];
/** `second`: for a list that needs two, the person who stands for it beside the one who answers, as claimed. */
export type Answer = { readonly step: string; readonly value: string; readonly via: Via; readonly lang: Lang; readonly second?: string };

/**
 * Records one answer to what waits now.
 *
 * @throws Fault E_STALE when another step waits; E_VALUE when the question does not accept the value; E_GUARD when the same person would
 * approve twice. Nothing is written then.
 */
export async function giveAnswer(run: Run, answer: Answer): Promise<void> {
  catchUp(run);
  const pending = expectPending(run, answer.step);
  const value = acceptValue(pending, answer.value, answer.lang);
  const frame = current(run.state);
  const { by } = run.ports;
  const given: Draft = { type: 'answer.given', step: localStep(frame, answer.step), visit: pending.visit, kind: pending.kind, value, by, via: answer.via };
  if (answer.second !== undefined && (pending.kind !== 'approve' || value === 'no' || !needsTwo(frame)))
    throw new Fault('E_VALUE', `${answer.step} takes no second person here. Nothing was changed.`);
  const consequences = pending.kind === 'approve' && value !== 'no' && needsTwo(frame) ? agree(run, frame, by, answer.second) : consequencesOf(run, frame, pending, value);
  await record(run, frame, given, ...consequences);
  if (pending.kind === 'approve' && value !== 'no') await witness(run, `approved ${answer.step}`);
}

/** The pending question for `step`. */
function expectPending(run: Run, step: string): Pending {
  if (run.state.closed) throw new Fault('E_CASE_CLOSED', `Case ${run.state.opened.case} is closed. Nothing was changed.`);
  const pending = pendingOf(run.state);
  if (!pending) throw new Fault('E_STALE', `Nothing waits for an answer now; the case stands at ${stepPath(current(run.state))}. Nothing was changed.`);
  if (pending.step !== step) throw new Fault('E_STALE', `The case waits at ${pending.step}, not at ${step}. Nothing was changed.`);
  return pending;
}

function localStep(frame: Frame, step: string): string {
  return frame.path === '' ? step : step.slice(frame.path.length + 1);
}

function consequencesOf(run: Run, frame: Frame, pending: Pending, value: string): readonly Draft[] {
  const { step, work } = frame;
  const visit = visitOf(frame);
  const finish = (outcome: string, facts?: JsonObject): Draft => ({ type: 'step.finished', step: step.id, visit, outcome, ...(facts === undefined ? {} : { facts }) });
  const { by } = run.ports;
  if (pending.step.startsWith('input.') || pending.step.includes('/input.')) return [];
  if (pending.kind === 'ask' && step.kind === 'end') return [accepted(run, pending, value)];
  switch (pending.kind) {
    case 'ask':
    case 'review': {
      const fact = step.kind === 'ask' || step.kind === 'review' ? step.fact : '';
      return [finish(pending.kind === 'ask' ? 'answered' : 'done', { [fact]: answerFact(pending.expects?.format, value) })];
    }
    case 'decide':
      return [finish(value, { [camel(step.id)]: value })];
    case 'approve':
      return value === 'no' ? [finish('declined')] : [...pinned(run, frame), finish('approved')];
    case 'notify':
      return value === 'send' ? [] : [finish(value)];
    case 'manual':
      if (step.kind !== 'act') return [finish(value)];
      return value === 'done'
        ? []
        : [
            {
              type: 'step.failed',
              step: step.id,
              visit,
              code: 'E_BY_HAND',
              message: { en: 'It could not be done by hand either.', zh: '手工也未能完成。' },
              targets: [...(work.failed?.targets ?? [])],
            },
          ];
    case 'watch': {
      if (value === 'wait') return [];
      const job = localStep(frame, pending.step);
      return job === step.id ? [finish('unverified')] : [{ type: 'job.finished', job, outcome: 'unverified', by }];
    }
    case 'failed': {
      const local = localStep(frame, pending.step);
      if (local !== step.id)
        return value === 'retry' ? [{ type: 'job.retried', job: local, by }] : [{ type: 'job.finished', job: local, outcome: 'none', by, reason: 'went on without it' }];
      if (value === 'retry') return [{ type: 'step.retried', step: step.id, visit, by }];
      return value === 'by-hand' ? [] : goOnWithout(frame, by);
    }
    case 'in-doubt': {
      const doubted = Object.values(run.state.openCalls).find((call) => call.doubt !== undefined);
      return doubted && value === 'happened' ? [told(doubted.step, doubted, by)] : [];
    }
  }
}

/** A debt with its owner and day. @throws Fault E_VALUE for a day that is over. */
function accepted(run: Run, pending: Pending, value: string): Draft {
  const acceptance = readAcceptance(value) as Acceptance;
  expectAhead(acceptance, run.state.lastAt);
  return { type: 'debt.accepted', debt: Number(pending.step.replace(/^debt\./, '')), ...acceptance, by: run.ports.by };
}

/** Goes on without what failed. Where only a part is missing of what was kept, going on is that person's waiver of the part (law 4). */
function goOnWithout(frame: Frame, by: string): readonly Draft[] {
  const { step, work } = frame;
  const visit = visitOf(frame);
  const notLooked = notGiven(frame);
  // What is held back will not be acted on: nothing of it has to be waived.
  const held = step.kind === 'collect' && step.over !== undefined ? targetsOf(frame, step.over).filter((target) => target.held !== undefined) : [];
  const waived = (work.failed?.targets ?? []).filter((id) => work.targets[id]?.partial === true && !held.some((target) => target.id === id));
  return [
    ...waived.flatMap((target): Draft[] => [
      { type: 'waiver.given', step: step.id, visit, target, reason: `went on without a part of it: ${String(work.targets[target]?.note?.['en'] ?? '')}`, by },
      { type: 'target.settled', step: step.id, visit, target, status: 'waived' },
    ]),
    {
      type: 'step.finished',
      step: step.id,
      visit,
      outcome: givenUp(frame, waived),
      by,
      reason: 'went on without it',
      ...(notLooked.length === 0 ? {} : { coverage: { notLooked } }),
    },
  ];
}

/** The outcome of a step that a person gave up on: what was reached counts. */
function givenUp(frame: Frame, waived: readonly string[]): string {
  const { step, work } = frame;
  if (step.kind === 'watch') return 'unverified';
  if (step.kind === 'act') return outcomeOfTargets(frame, frame.approved[step.id]?.targets ?? []);
  const over = step.kind === 'collect' && step.over !== undefined ? targetsOf(frame, step.over) : [];
  const sealed = over.filter(({ id }) => waived.includes(id) || ['sealed', 'waived'].includes(work.targets[id]?.status ?? '')).length;
  if (sealed === 0) return 'none';
  return sealed === over.length ? 'all' : 'some';
}

/** Confirming the account pins it: any later credential must belong to it (law 9). */
function pinned(run: Run, frame: Frame): readonly Draft[] {
  if (frame.step.kind !== 'approve' || frame.step.confirm !== 'account') return [];
  const identity = frame.facts['identity'] as JsonObject | undefined;
  if (!identity) return [];
  const { cloud } = run.ports;
  const userName = identity['userName'];
  return [
    {
      type: 'identity.pinned',
      account: String(identity['account'] ?? ''),
      arn: String(identity['arn'] ?? ''),
      kind: String(identity['type'] ?? ''),
      principal: String(identity['principal'] ?? ''),
      accessKeyId: cloud.accessKeyId,
      ...(typeof userName === 'string' ? { userName } : {}),
      source: cloud.source,
    },
  ];
}

/** Refuses an input before anything is written. @throws Fault E_INPUT for an unknown name or a value that does not fit. */
export function expectInput(inputs: Runbook['inputs'], name: string, value: string): void {
  const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (!input)
    throw new Fault('E_INPUT', `This runbook has no input "${clip(name, 60)}". It has: ${Object.keys(inputs).join(', ')}.`, { hint: 'Give one of these. Nothing was changed.' });
  const fits = input.choices ? Object.hasOwn(input.choices, value) : misfit(value, input.format) === undefined;
  if (!fits)
    throw new Fault('E_INPUT', `"${clip(value, 60)}" does not fit the input "${name}". Nothing was changed.`, {
      hint: input.choices ? `One of: ${Object.keys(input.choices).join(', ')}.` : `Like this: ${input.example}`,
    });
}

/** Records an input before the first step. @throws Fault E_INPUT for an unknown name or a value that does not fit. */
export async function giveInput(run: Run, name: string, value: string, via: Via): Promise<void> {
  const frame = current(run.state);
  expectInput(frame.runbook.inputs, name, value);
  if (frame.facts[name] !== undefined) return;
  await record(run, frame, { type: 'answer.given', step: `input.${name}`, visit: 1, kind: 'ask', value, by: run.ports.by, via });
}

/** What a proposed input proposes, resolved; undefined when it must be asked. */
export function proposalOf(run: Run, name: string): string | undefined {
  const propose = current(run.state).runbook.inputs[name]?.propose;
  if (propose === '$operator') return run.ports.by;
  if (propose === '$now') return run.state.opened.at;
  return propose;
}

/** Leaves the current step, or a running job, with a reason. @throws Fault E_GUARD when it can not be skipped. */
export async function skip(run: Run, step: string, reason: string): Promise<void> {
  catchUp(run);
  expectOpen(run);
  const frame = current(run.state);
  const local = localStep(frame, step);
  const { by } = run.ports;
  const job = frame.jobs[local];
  if (job && job.status !== 'finished') {
    await record(run, frame, { type: 'job.finished', job: local, outcome: 'skipped', by, reason });
    return;
  }
  if (frame.step.id !== local) throw new Fault('E_STALE', `The case stands at ${stepPath(frame)}, not at ${step}. Nothing was changed.`);
  expectSettled(run);
  expectMove(frame, { type: 'skip' }, `${step} can not be skipped.`);
  await record(run, frame, { type: 'step.finished', step: local, visit: visitOf(frame), outcome: 'skipped', by, reason });
}

/** `second`: who else stands for missing evidence. `tried`: whom one tried to reach as a second person, and when. */
export type Waiving = { readonly second?: string; readonly tried?: readonly string[] };

/**
 * Goes on without evidence for the targets that failed (law 4): one person for R1 and R2, two for R3, on record. At a list that waits for a
 * second person, that person is waived.
 *
 * @throws Fault E_STALE, E_GUARD, E_VALUE when there is nothing to waive here. Nothing is written then.
 */
export async function waive(run: Run, step: string, reason: string, { second, tried = [] }: Waiving = {}): Promise<void> {
  catchUp(run);
  expectOpen(run);
  const frame = current(run.state);
  const { work } = frame;
  if (stepPath(frame) === step && frame.step.kind === 'approve' && needsTwo(frame)) {
    if (second !== undefined) throw new Fault('E_VALUE', `Who has a second person needs no waiver: answer ${step} with the text and --second NAME. Nothing was changed.`);
    return waiveSecond(run, reason, tried);
  }
  if (tried.length > 0) throw new Fault('E_VALUE', `${step} waits for no second person. Nothing was changed.`);
  if (stepPath(frame) !== step || !work.failed) throw new Fault('E_STALE', `${step} does not wait for a waiver. Nothing was changed.`);
  const targets = work.failed.targets ?? [];
  if (targets.length === 0 || (frame.step.kind !== 'collect' && frame.step.kind !== 'act'))
    throw new Fault('E_GUARD', `${step} has no evidence that could be waived. Nothing was changed.`);
  const visit = visitOf(frame);
  const { by } = run.ports;
  if (second !== undefined) expectName(second);
  if (second !== undefined && isSamePerson(second, by)) throw new Fault('E_VALUE', `${clip(second, 64)} can not be the second person as well. Nothing was changed.`);
  const waivers = targets.map((target): Draft => ({ type: 'waiver.given', step: frame.step.id, visit, target, reason, by, ...(second === undefined ? {} : { second }) }));
  const settled = targets.map((target): Draft => ({ type: 'target.settled', step: frame.step.id, visit, target, status: 'waived' }));
  if (frame.step.kind === 'collect') await record(run, frame, ...waivers, ...settled, { type: 'step.finished', step: frame.step.id, visit, outcome: 'all' });
  else await record(run, frame, ...waivers, { type: 'step.retried', step: frame.step.id, visit, by });
}

/** Goes back to a step that was visited. */
export async function jump(run: Run, to: string, reason: string): Promise<void> {
  catchUp(run);
  expectOpen(run);
  expectSettled(run);
  const frame = current(run.state);
  const local = localStep(frame, to);
  expectMove(frame, { type: 'jump', to: local }, `A jump goes back to a step that was visited; ${to} was not.`);
  await record(run, frame, { type: 'step.jumped', from: frame.step.id, to: local, by: run.ports.by, reason });
}

/** Ends the whole case as aborted. */
export async function abort(run: Run, reason: string): Promise<void> {
  catchUp(run);
  expectOpen(run);
  expectSettled(run);
  const root = run.state.frames[0] as Frame;
  await witness(run, 'abort');
  await record(run, root, { type: 'case.closed', outcome: 'aborted', by: run.ports.by, reason });
}

/** Adds or drops held-back targets of the batch that waits: a new list, a new text. Only a person at the terminal does this. */
export async function tick(run: Run, ids: readonly string[]): Promise<void> {
  catchUp(run);
  const frame = current(run.state);
  if (frame.step.kind !== 'approve' || !frame.work.batch) throw new Fault('E_STALE', 'No list waits for approval.');
  await record(run, frame, freeze(run, frame, frame.step, new Set(ids)));
}

function expectOpen(run: Run): void {
  if (run.state.closed) throw new Fault('E_CASE_CLOSED', `Case ${run.state.opened.case} is closed. Nothing was changed.`);
}

function expectSettled(run: Run): void {
  const [open] = Object.values(run.state.openCalls);
  if (open) throw new Fault('E_GUARD', `${open.action} has no known outcome yet. Run "firebreak resume" first. Nothing was changed.`);
}

function expectMove(frame: Frame, event: MachineEvent, message: string): void {
  if (!accepts(frame.machine, frame.position, event)) throw new Fault('E_GUARD', `${message} Nothing was changed.`);
}

function camel(id: string): string {
  return id.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

// What waits for a person, as data: one question with the values it accepts. Pure.
import { Fault } from '../errors.ts';
import type { Format, Input, Step } from '../runbook/schema.ts';
import type { Json, JsonObject, Lang, Text } from '../text.ts';
import { fill, lookUp } from './facts.ts';
import { exampleOf, misfit } from './formats.ts';
import { groupOf } from './notice.ts';
import { approvalSaid, sendingSaid } from './said.ts';
import { current, openInputs, stepPath, type Frame, type Job, type RunState, type Debt } from './frame.ts';
import { debtQuestion, openDebts, readAcceptance, standing } from './debts.ts';

export type PendingKind = 'ask' | 'decide' | 'approve' | 'manual' | 'notify' | 'review' | 'watch' | 'failed' | 'in-doubt';

/** One open question. `choices` lists every value an answer may have; without it `expects` says what is accepted. */
export type Pending = {
  readonly step: string;
  readonly kind: PendingKind;
  readonly question: Text;
  readonly visit: number;
  readonly target?: string;
  readonly targets?: readonly string[];
  readonly choices?: readonly string[];
  /** Choices that exist but can not be taken now, with the reason. */
  readonly closed?: readonly { readonly choice: string; readonly why: Text }[];
  readonly labels?: Readonly<Record<string, Text>>;
  readonly expects?: { readonly text?: string; readonly format?: string; readonly list?: boolean; readonly example?: string };
  readonly proposal?: string;
  readonly dueAt?: string;
  /** A list that needs two persons: who approved first, if anybody has; `dueAt` is when a waiver of the second ripens. */
  readonly two?: { readonly first?: string; readonly waivedBy?: string };
  /** What has come of it so far, to be read before answering. */
  readonly said?: readonly Text[];
};

const say = (en: string, zh: string): Text => ({ en, zh });

/** The question that waits, or null while the engine has something to do by itself. */
export function pendingOf(state: RunState): Pending | null {
  if (state.closed) return null;
  const doubted = Object.values(state.openCalls).find((call) => call.doubt !== undefined);
  const frame = current(state);
  if (doubted) {
    return {
      step: stepPath(frame),
      kind: 'in-doubt',
      visit: frame.visits[frame.step.id] ?? 1,
      question: say(
        `${doubted.action} on ${doubted.targets.join(', ')}: no answer came, and reading can not tell. ${doubted.doubt ?? ''} Did it happen?`,
        `${doubted.action}（${doubted.targets.join(', ')}）：没有收到结果，读取也无法判断。${doubted.doubt ?? ''} 它执行了吗？`,
      ),
      targets: doubted.targets,
      choices: ['happened', 'did-not-happen', 'look-again'],
    };
  }
  // An undo that was asked for goes on by itself.
  if (state.undoing) return null;
  const [input] = openInputs(frame);
  if (input !== undefined) return inputPending(frame, input);
  const [debt] = openDebts(state);
  if (debt && frame.path === '' && frame.step.kind === 'end' && frame.work.started) return debtPending(state, debt);
  return stepPending(frame, groupOf(state));
}

/** The case is about to end: someone must answer for what may stand only for a time. */
function debtPending(state: RunState, debt: Debt): Pending {
  const { due, kind } = debt;
  const day = due < state.lastAt.slice(0, 10) ? state.lastAt.slice(0, 10) : due;
  return {
    step: `debt.${debt.debt}`,
    kind: 'ask',
    visit: 1,
    question: debtQuestion(state, debt),
    targets: standing(state, debt).map(({ target }) => target),
    expects: { format: acceptanceFormat, example: `${kind === 'waiver' ? 'duty manager' : 'platform team'}; ${day}` },
  };
}

function inputPending(frame: Frame, name: string): Pending {
  const input = frame.runbook.inputs[name] as Input;
  return {
    step: stepPath(frame, `input.${name}`),
    kind: 'ask',
    visit: 1,
    question: input.title,
    ...(input.choices ? { choices: Object.keys(input.choices), labels: input.choices } : { expects: { format: input.format, example: input.example } }),
    ...(input.propose === undefined ? {} : { proposal: input.propose }),
  };
}

/** `group`: where a notification could be sent. */
function stepPending(frame: Frame, group: string | undefined): Pending | null {
  const { step, work } = frame;
  const base = { step: stepPath(frame), visit: frame.visits[step.id] ?? 1, question: question(step, frame) };
  const watch = neededJobs(frame).find((job) => job.status === 'running' && frame.steps.get(job.job)?.kind === 'watch' && job.waitUntil !== undefined);
  if (watch) return { ...watchPending(watch), step: stepPath(frame, watch.job), visit: watch.visit, question: question(frame.steps.get(watch.job) as Step, frame) };
  const stuck = neededJobs(frame).find((job) => job.status === 'failed');
  if (stuck) return failed(stepPath(frame, stuck.job), stuck.visit, titleOf(frame, frame.steps.get(stuck.job) as Step), stuck.trouble, [], ['retry', 'go-on']);
  if (!work.started) return null;
  if (work.failed && work.byHand === undefined) return failedPending(frame);
  switch (step.kind) {
    case 'ask':
      return {
        ...base,
        kind: 'ask',
        ...(step.choices
          ? { choices: Object.keys(step.choices), labels: step.choices }
          : { expects: { format: step.format, example: step.example ?? exampleOf(step.format), ...(step.format === 'list' || step.format === 'networks' ? { list: true } : {}) } }),
        ...(step.propose === undefined ? {} : { proposal: step.propose }),
      };
    case 'decide': {
      const closed = Object.entries(step.choices).flatMap(([choice, { when, has }]) => {
        if (has !== undefined && isEmpty(lookUp(frame.facts, has))) return [{ choice, why: say('nothing found', '没有发现') }];
        const outcome = when && frame.jobs[when.job]?.outcome;
        return when && !when.is.includes(outcome ?? '') ? [{ choice, why: endedAs(frame, when.job, outcome) }] : [];
      });
      return {
        ...base,
        kind: 'decide',
        choices: Object.keys(step.choices).filter((choice) => !closed.some((each) => each.choice === choice)),
        labels: Object.fromEntries(Object.entries(step.choices).map(([choice, { label }]) => [choice, fill(label, frame.facts)])),
        ...(closed.length > 0 ? { closed } : {}),
      };
    }
    case 'approve': {
      const { batch } = work;
      // An empty list is declined by the engine.
      if (!batch || batch.targets.length === 0) return null;
      const ids = batch.targets.map((target) => target.id);
      const expected = { ...base, kind: 'approve', ...(ids.length === 1 ? { target: ids[0] as string } : {}), targets: ids, expects: { text: batch.text } } as const;
      return batch.class === 'R3' ? { ...expected, ...twoOf(work) } : expected;
    }
    case 'manual':
      return { ...base, kind: 'manual', choices: ['done', 'failed'] };
    case 'notify':
      return work.sending ? null : { ...base, kind: 'notify', ...ways(group), ...(work.sent ? { said: [sendingSaid(work.sent)] } : {}) };
    case 'review':
      return { ...base, kind: 'review', expects: { format: 'text', example: step.example } };
    case 'watch':
      return work.waitUntil === undefined ? null : { ...base, kind: 'watch', choices: ['wait', 'unverified'], dueAt: work.waitUntil };
    case 'act':
      return work.byHand === 'asked' ? { ...base, kind: 'manual', targets: failedTargets(frame), choices: ['done', 'failed'] } : null;
    default:
      return null;
  }
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function watchPending(job: Job): Pick<Pending, 'kind' | 'choices' | 'dueAt'> {
  return { kind: 'watch', choices: ['wait', 'unverified'], ...(job.waitUntil === undefined ? {} : { dueAt: job.waitUntil }) };
}

function failedPending(frame: Frame): Pending {
  const { step, work } = frame;
  // What the guard holds back is not done by hand either.
  const choices = step.kind === 'act' && work.failed?.code !== 'E_GUARD' ? ['retry', 'by-hand', 'go-on'] : ['retry', 'go-on'];
  return failed(stepPath(frame), frame.visits[step.id] ?? 1, titleOf(frame, step), work.failed?.message, work.failed?.targets ?? [], choices);
}

const ends: Readonly<Record<string, Text>> = {
  quiet: say('quiet', '安静'),
  active: say('not quiet', '不安静'),
  unverified: say('not verified', '未经验证'),
  all: say('complete', '完整'),
  some: say('in part', '部分完成'),
  none: say('nothing read', '未能读取'),
};

function twoOf({ first, waiver }: Frame['work']): Pick<Pending, 'two' | 'said' | 'dueAt'> {
  const two = { ...(first === undefined ? {} : { first: first.by }), ...(waiver === undefined ? {} : { waivedBy: waiver.by }) };
  return { two, said: approvalSaid({ first, waiver }), ...(waiver === undefined ? {} : { dueAt: waiver.maturesAt }) };
}

/** How a notification may be answered; the words of `done` and `failed` are the screen's own. */
function ways(group: string | undefined): Pick<Pending, 'choices' | 'labels'> {
  if (group === undefined) return { choices: ['done', 'failed'] };
  return { choices: ['send', 'done', 'failed'], labels: { send: say(`Send it now to ${group}`, `现在发送到 ${group}`) } };
}

/** Why a choice that depends on a job is closed. */
function endedAs(frame: Frame, job: string, outcome: string | undefined): Text {
  const title = titleOf(frame, frame.steps.get(job) as Step);
  const end = outcome === undefined ? say('not over yet', '尚未结束') : (ends[outcome] ?? say(outcome, outcome));
  return say(`${title.en}: ${end.en}`, `${title.zh}：${end.zh}`);
}

function titleOf(frame: Frame, step: Step): Text {
  return fill(step.title, frame.facts);
}

function failed(path: string, visit: number, title: Text, why: JsonObject | undefined, targets: readonly string[], choices: readonly string[]): Pending {
  const question = say(`${title.en}: ${String(why?.['en'] ?? '')}`, `${title.zh}：${String(why?.['zh'] ?? '')}`);
  return { step: path, kind: 'failed', visit, question, targets, choices };
}

/** Targets of the current act that did not get done. */
export function failedTargets(frame: Frame): readonly string[] {
  return Object.entries(frame.work.targets).flatMap(([id, target]) => (target.status === 'failed' ? [id] : []));
}

/** The jobs this step waits for. */
export function neededJobs(frame: Frame): readonly Job[] {
  const { step } = frame;
  return step.needs.flatMap((name) => frame.jobs[name] ?? []);
}

function question(step: Step, frame: Frame): Text {
  const title = fill(step.title, frame.facts);
  const text = fill(step.text, frame.facts);
  return say(`${title.en}\n${text.en.trim()}`, `${title.zh}\n${text.zh.trim()}`);
}

/** How a debt is accepted. */
const acceptanceFormat = 'owner; YYYY-MM-DD';

/** The value as it will be recorded. @throws Fault E_VALUE when the pending question does not accept it. */
export function acceptValue(pending: Pending, value: string, lang: Lang): string {
  const trimmed = value.trim();
  if (pending.choices) {
    if (pending.choices.includes(trimmed)) return trimmed;
    const shut = pending.closed?.find((each) => each.choice === trimmed);
    throw new Fault('E_VALUE', shut ? `"${trimmed}" can not be chosen now: ${shut.why[lang]}.` : `"${trimmed.slice(0, 60)}" is not one of: ${pending.choices.join(', ')}.`);
  }
  if (pending.kind === 'approve') {
    if (trimmed === 'no' || trimmed === pending.expects?.text) return trimmed;
    throw new Fault('E_VALUE', `Only "${pending.expects?.text}" approves this list, and "no" declines it. Nothing was done.`);
  }
  if (pending.expects?.format === acceptanceFormat) {
    if (readAcceptance(trimmed)) return trimmed;
    throw new Fault('E_VALUE', `"${trimmed.slice(0, 60)}" does not name an owner and a day. Nothing was changed.`, { hint: `Like this: ${pending.expects.example ?? ''}` });
  }
  const problem = misfit(trimmed, (pending.expects?.format ?? 'line') as Format);
  if (problem) throw new Fault('E_VALUE', problem.message, problem.hint === undefined ? {} : { hint: problem.hint });
  return trimmed;
}

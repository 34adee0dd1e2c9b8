// Where a case stands: the status document, and the same for people. Pure.
import { pendingOf, type Pending } from '../engine/pending.ts';
import { current, stepPath, type RunState } from '../engine/state.ts';
import { escapeTerminal, type JsonObject, type Lang } from '../text.ts';

export type StatusDocument = {
  readonly case: string;
  readonly origin: string;
  readonly runbook: string;
  readonly mode: string;
  readonly phase: string;
  readonly step: string;
  readonly state: 'waiting' | 'watching' | 'in-doubt' | 'running' | 'closed';
  readonly pending: JsonObject | null;
  readonly jobs: readonly JsonObject[];
  readonly debts: readonly JsonObject[];
  readonly outcome?: string;
  readonly witness: string;
  readonly report?: string;
};

/** The `status --json` document. Texts are in `lang`, foreign names escaped. */
export function statusOf(state: RunState, witness: string, lang: Lang, report?: string): StatusDocument {
  const frame = current(state);
  const pending = pendingOf(state);
  return {
    case: state.opened.case,
    origin: state.opened.origin,
    runbook: state.opened.runbook,
    mode: state.opened.mode,
    phase: state.phase === '' ? frame.step.phase : state.phase,
    step: stepPath(frame),
    state: stateOf(state, pending),
    pending: pending && pendingDocument(pending, lang),
    jobs: state.frames.flatMap((each) =>
      Object.values(each.jobs).map(({ job, status, outcome, progress, waitUntil }): JsonObject => ({
        job: stepPath(each, job),
        status,
        ...(outcome === undefined ? {} : { outcome }),
        ...(progress === undefined ? {} : { done: progress['done'] ?? 0, total: progress['total'] ?? 0 }),
        ...(waitUntil === undefined ? {} : { dueAt: waitUntil }),
      })),
    ),
    debts: Object.entries(state.waived).map(([target, reason]) => ({ kind: 'waiver', target, reason })),
    ...(state.closed ? { outcome: state.closed.outcome } : {}),
    witness,
    ...(report === undefined ? {} : { report }),
  };
}

function stateOf(state: RunState, pending: Pending | null): StatusDocument['state'] {
  if (state.closed) return 'closed';
  if (Object.keys(state.openCalls).length > 0) return 'in-doubt';
  if (!pending) return 'running';
  return pending.kind === 'watch' ? 'watching' : 'waiting';
}

function pendingDocument(pending: Pending, lang: Lang): JsonObject {
  const { step, kind, question, target, targets, choices, expects, dueAt } = pending;
  return {
    step,
    kind,
    question: escapeTerminal(question[lang], { lines: true }),
    ...(target === undefined ? {} : { target }),
    ...(targets === undefined ? {} : { targets }),
    ...(choices === undefined ? {} : { choices }),
    ...(expects === undefined ? {} : { expects: expects }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
}

/** The status for people: where it stands, what waits, and the exact command that goes on. */
export function renderStatus(status: StatusDocument, lang: Lang): string {
  const zh = lang === 'zh';
  const rows = [`${status.origin === 'exercise' ? 'EXERCISE ' : ''}${status.runbook}  ${status.phase}  ${status.step}  ${status.state}`];
  for (const job of status.jobs) rows.push(`${zh ? '后台' : 'job'} ${String(job['job'])}: ${String(job['outcome'] ?? job['status'])}${job['total'] === undefined ? '' : ` ${String(job['done'])}/${String(job['total'])}`}`);
  const { pending } = status;
  if (pending) {
    rows.push('', String(pending['question']), '');
    const choices = pending['choices'] as readonly string[] | undefined;
    const expects = pending['expects'] as JsonObject | undefined;
    if (choices) rows.push(`${zh ? '可选' : 'choices'}: ${choices.join(' | ')}`);
    else if (typeof expects?.['text'] === 'string') rows.push(zh ? `确认请输入: ${expects['text']}    拒绝: no` : `to approve, answer: ${expects['text']}    to decline: no`);
    else if (expects?.['example'] !== undefined) rows.push(`${zh ? '例如' : 'like'}: ${String(expects['example'])}`);
    if (pending['dueAt'] !== undefined) rows.push(`${zh ? '下次检查' : 'next look'}: ${String(pending['dueAt'])}`);
    rows.push(`${zh ? '回答' : 'answer'}: firebreak answer ${status.case} ${String(pending['step'])} ${choices?.[0] ?? (typeof expects?.['text'] === 'string' ? JSON.stringify(expects['text']) : 'VALUE')}`);
  } else if (status.state !== 'closed') rows.push(`${zh ? '继续' : 'go on'}: firebreak resume ${status.case}`);
  rows.push(`${zh ? '见证' : 'witness'}: ${status.witness}`);
  return rows.join('\n');
}

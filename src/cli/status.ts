// Where a case stands: the status document, and the same for people. Pure.
import { debtRows } from '../engine/debts.ts';
import { pendingOf, type Pending } from '../engine/pending.ts';
import { current, stepPath, type RunState } from '../engine/frame.ts';
import { questionOf } from './question.ts';
import { wordsOf } from './words.ts';
import { escapeTerminal, type JsonObject, type Lang, type Text } from '../text.ts';

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
  /** The closed case this one follows. */
  readonly continues?: string;
  /** Cases that follow this closed one. */
  readonly continuedBy?: readonly string[];
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
    pending: pending && pendingDocument(pending, questionOf(state, pending, lang)),
    jobs: state.frames.flatMap((each) =>
      Object.values(each.jobs).map(({ job, status, outcome, progress, waitUntil }): JsonObject => ({
        job: stepPath(each, job),
        status,
        ...(outcome === undefined ? {} : { outcome }),
        ...(progress === undefined ? {} : { done: progress['done'] ?? 0, total: progress['total'] ?? 0 }),
        ...(waitUntil === undefined ? {} : { dueAt: waitUntil }),
      })),
    ),
    debts: debtRows(state, lang, escapeTerminal),
    ...(state.closed ? { outcome: state.closed.outcome } : {}),
    ...(state.opened.continues === undefined ? {} : { continues: state.opened.continues.case }),
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

function pendingDocument(pending: Pending, question: string): JsonObject {
  const { step, kind, target, targets, choices, expects, dueAt, two } = pending;
  return {
    step,
    kind,
    question: escapeTerminal(question, { lines: true }),
    ...(target === undefined ? {} : { target }),
    ...(targets === undefined ? {} : { targets }),
    ...(choices === undefined ? {} : { choices }),
    ...(expects === undefined ? {} : { expects: expects }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(two === undefined ? {} : { first: two.first ?? null, ...(two.waivedBy === undefined ? {} : { waivedBy: two.waivedBy }) }),
  };
}

/** Where a case stands, for people. */
export const stateWords: Readonly<Record<StatusDocument['state'], Text>> = {
  waiting: { en: 'waiting for an answer', zh: '等待回答' },
  watching: { en: 'watching', zh: '观察中' },
  'in-doubt': { en: 'in doubt: a call has no known outcome yet', zh: '存疑：有调用结果未知' },
  running: { en: 'not waiting for anyone', zh: '无需等待任何人' },
  closed: { en: 'closed', zh: '已结案' },
};

/** More targets than this are counted. */
const shownTargets = 12;

/** The status for people: where it stands, what waits, and the exact command that goes on. `flags` ends every command shown. */
export function renderStatus(status: StatusDocument, lang: Lang, flags = ''): string {
  const say = (en: string, zh: string): string => (lang === 'zh' ? zh : en);
  const exercise = status.origin === 'exercise' ? `${say('EXERCISE', '演练（EXERCISE）')}  ` : '';
  const state = status.outcome === 'aborted' ? say('aborted', '已中止') : stateWords[status.state][lang];
  const rows = [`${exercise}${status.runbook}  ${status.phase} / ${status.step}  ${state}`];
  for (const { job, outcome, status: standing, done, total } of status.jobs) {
    const ended = String(outcome ?? standing);
    const word = ended === 'quiet' ? say('quiet', '已静默') : (wordsOf(lang).jobIs[ended] ?? ended);
    rows.push(`${say('job', '后台')} ${String(job)}: ${word}${total === undefined ? '' : ` ${String(done)}/${String(total)}`}`);
  }
  if (status.continues !== undefined) rows.push(say(`follows the closed case ${status.continues}`, `接续已结案的案件 ${status.continues}`));
  if (status.continuedBy !== undefined) rows.push(say(`what follows: ${status.continuedBy.join(', ')}`, `后续案件：${status.continuedBy.join('、')}`));
  rows.push(...debtLines(status.debts, say));
  const { pending } = status;
  if (pending) rows.push(...questionRows(pending, say), `${say('answer', '回答')}: firebreak answer ${status.case} ${String(pending['step'])} ${valueOf(pending)}${flags}`);
  else if (status.state !== 'closed') rows.push(`${say('go on', '继续')}: firebreak resume ${status.case}${flags}`);
  rows.push(`${say('witness', '见证')}: ${status.witness}`);
  return rows.join('\n');
}

/** One line a debt, however many targets it is about. */
function debtLines(debts: StatusDocument['debts'], say: (en: string, zh: string) => string): readonly string[] {
  return [...Map.groupBy(debts, ({ debt }) => debt).values()].map((group) => {
    const [{ what, owner, due, second } = {}] = group;
    const whose = owner ?? second;
    const state = whose === undefined ? say('nobody answers for it yet', '尚无人负责') : say(`${String(whose)}, until ${String(due)}`, `${String(whose)}，至 ${String(due)}`);
    return `${say('debt', '待结')}: ${String(what)} (${group.length}): ${state}`;
  });
}

function questionRows(pending: JsonObject, say: (en: string, zh: string) => string): readonly string[] {
  const rows = ['', String(pending['question']), ''];
  const choices = pending['choices'] as readonly string[] | undefined;
  const targets = (pending['targets'] ?? []) as readonly string[];
  const expects = pending['expects'] as JsonObject | undefined;
  if (targets.length > 0) {
    const shown = targets.slice(0, shownTargets).map((target) => escapeTerminal(target, { most: 80 }));
    rows.push(
      `${say('targets', '目标')}: ${shown.join(', ')}${targets.length > shownTargets ? say(` and ${targets.length - shownTargets} more`, ` 等 ${targets.length} 个`) : ''}`,
    );
  }
  if (choices) rows.push(`${say('choices', '可选')}: ${choices.join(' | ')}`);
  else if (typeof expects?.['text'] === 'string') rows.push(say(`to approve, answer: ${expects['text']}    to decline: no`, `确认请输入: ${expects['text']}    拒绝: no`));
  else if (expects?.['example'] !== undefined) rows.push(`${say('like', '例如')}: ${String(expects['example'])}`);
  if (pending['dueAt'] !== undefined)
    rows.push(`${pending['kind'] === 'watch' ? say('next look', '下次检查') : say('the waiver counts from', '豁免生效于')}: ${String(pending['dueAt'])}`);
  return rows;
}

/** What stands in the command to copy: never a choice nobody made. */
function valueOf(pending: JsonObject): string {
  const text = (pending['expects'] as JsonObject | undefined)?.['text'];
  return typeof text === 'string' ? JSON.stringify(text) : 'VALUE';
}

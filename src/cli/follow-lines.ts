// What of an entry a person who watches cares about, in a few words; the rest is silent. Pure; escapes what is foreign.
import type { Entry } from '../casefile/entry.ts';
import { renderWitness } from '../casefile/witness.ts';
import { fill } from '../engine/facts.ts';
import type { RunState } from '../engine/frame.ts';
import { shortCall } from '../report/actions.ts';
import { outcomeWord, some, stringAt } from '../report/values.ts';
import { escapeTerminal, type Lang, type Text } from '../text.ts';
import { findingRow } from './screen-findings.ts';
import { clockOf, phaseOf } from './screen-status.ts';
import { wrap } from './screen-text.ts';
import { endWords } from './undo-cards.ts';
import { wordsOf } from './words.ts';

const columns = 80;
/** Longer texts are for the report. */
const mostCharacters = 400;

export type Told = {
  /** With this entry folded in. */
  readonly state: RunState;
  readonly lang: Lang;
  /** As they were before it. */
  readonly before: { readonly phase: string; readonly findings: number };
};

/** The rows for one entry, timed at UTC+8; none for what is only of use to the engine. */
export function linesOf(entry: Entry, { state, lang, before }: Told): readonly string[] {
  const words = wordsOf(lang);
  const phase = state.phase === before.phase ? [] : [`${state.opened.origin === 'exercise' ? `${words.mode.EXERCISE}  ` : ''}== ${phaseOf(state, lang)} ==`];
  const text = textOf(entry, state);
  const findings = state.findings.slice(before.findings).map((finding) => `${lang === 'zh' ? '发现' : 'finding'} ${findingRow(finding, lang, words)}`);
  return [...phase, ...(text === undefined ? [] : [text[lang]]), ...findings].flatMap((line) => timed(entry.at, line));
}

/** One escaped line, as many rows as it takes; a witness line stays whole, so that it can be copied. */
export function timed(at: string, line: string): readonly string[] {
  const row = `${clockOf(at)}  ${escapeTerminal(line.replaceAll(/\r?\n/g, ' / '), { most: mostCharacters })}`;
  return / sha256=[0-9a-f]{64}$/.test(row) ? [row] : wrap(row, columns, 10);
}

const say = (en: string, zh: string): Text => ({ en, zh });

function textOf(entry: Entry, state: RunState): Text | undefined {
  const path = (id: string): string => (entry.frame === undefined ? id : `${entry.frame}/${id}`);
  const titleOf = (id: string): Text => {
    const frame = state.frames.find((each) => each.path === (entry.frame ?? ''));
    const title = frame?.steps.get(id)?.title;
    return frame === undefined || title === undefined ? say(path(id), path(id)) : fill(title, frame.facts);
  };
  switch (entry.type) {
    case 'answer.given':
      return answered(entry, path(entry.step));
    case 'step.finished':
      return finished(entry, titleOf(entry.step), stepKind(state, entry));
    case 'step.failed': {
      const title = titleOf(entry.step);
      return say(`FAILED  ${title.en}: ${stringAt(entry.message, 'en')}`, `失败  ${title.zh}：${stringAt(entry.message, 'zh')}`);
    }
    case 'job.failed': {
      const title = titleOf(entry.job);
      return say(`FAILED in the background  ${title.en}: ${stringAt(entry.message, 'en')}`, `后台失败  ${title.zh}：${stringAt(entry.message, 'zh')}`);
    }
    case 'step.retried':
      return say(`${entry.by} tries ${path(entry.step)} again`, `${entry.by} 重试 ${path(entry.step)}`);
    case 'job.retried':
      return say(`${entry.by} tries ${path(entry.job)} again`, `${entry.by} 重试 ${path(entry.job)}`);
    case 'step.jumped':
      return say(`${entry.by} goes from ${path(entry.from)} to ${path(entry.to)}: ${entry.reason}`, `${entry.by} 从 ${path(entry.from)} 转到 ${path(entry.to)}：${entry.reason}`);
    case 'message.finished':
      return say(`message ${entry.message}: ${entry.result} ${entry.code ?? ''}`, `消息 ${entry.message}：${entry.result} ${entry.code ?? ''}`);
    case 'approval.requested':
      return say(`${entry.by} asks for a signature: ${path(entry.step)}, until ${entry.expiresAt}`, `${entry.by} 请求签名：${path(entry.step)}，有效至 ${entry.expiresAt}`);
    case 'approval.seconded':
      return say(`${entry.second} approves as the second person: ${path(entry.step)}`, `${entry.second} 以第二人身份批准：${path(entry.step)}`);
    case 'approval.waived':
      return say(`${entry.by} waives the second person from ${entry.maturesAt} on: ${entry.reason}`, `${entry.by} 豁免第二人，自 ${entry.maturesAt} 起：${entry.reason}`);
    case 'call.finished':
      return called(entry, state);
    case 'call.repeated':
      return say(`sent again: ${entry.why}`, `重新发出：${entry.why}`);
    case 'call.doubted':
      return say(`NOT KNOWN whether it happened: ${entry.why}`, `不清楚是否已执行：${entry.why}`);
    case 'job.started': {
      const title = titleOf(entry.job);
      return say(`begun in the background: ${title.en}`, `后台开始：${title.zh}`);
    }
    case 'job.finished': {
      const [title, word] = [titleOf(entry.job), outcomeWord(entry.outcome)];
      return say(`background: ${title.en} — ${word.en}${reason(entry)}`, `后台：${title.zh} — ${word.zh}${reason(entry)}`);
    }
    case 'waiver.given':
      return say(
        `${entry.by} waives evidence of ${entry.target ?? path(entry.step)}${reason(entry)}`,
        `${entry.by} 豁免 ${entry.target ?? path(entry.step)} 的证据${reason(entry)}`,
      );
    default:
      return happened(entry, state.opened.case);
  }
}

/** What happens to the case itself. */
function happened(entry: Entry, caseId: string): Text | undefined {
  switch (entry.type) {
    case 'note.added':
      return say(`note by ${entry.by}: ${entry.text}`, `${entry.by} 备注：${entry.text}`);
    case 'evidence.sealed': {
      if (entry.kind !== 'attached') return undefined;
      const file = stringAt(entry.source, 'file');
      return say(`${entry.collector.by} attached ${file} (${entry.bytes} bytes)`, `${entry.collector.by} 添加附件 ${file}（${entry.bytes} 字节）`);
    }
    case 'identity.pinned':
      return say(`acting in account ****${entry.account.slice(-4)} as ${entry.arn}`, `以 ${entry.arn} 操作账号 ****${entry.account.slice(-4)}`);
    case 'frame.opened':
      return say(`child case opened: ${entry.frame}`, `开启子案件：${entry.frame}`);
    case 'frame.closed':
      return say(`child case ${entry.frame} ${entry.outcome}`, `子案件 ${entry.frame} 结束（${entry.outcome}）`);
    case 'witness.given': {
      const line = renderWitness(caseId, entry.bytes, entry.sha256);
      return say(`witness (${entry.why}) ${line}`, `见证（${entry.why}） ${line}`);
    }
    case 'case.paused':
      return say(`paused by ${entry.by}: ${entry.why}`, `${entry.by} 暂停：${entry.why}`);
    case 'case.resumed':
      return say(`resumed by ${entry.by} on ${entry.host}`, `${entry.by} 在 ${entry.host} 上继续`);
    case 'recovered':
      return say(`a torn line of ${entry.bytes} bytes was set aside`, `搁置了 ${entry.bytes} 字节的残行`);
    case 'lock.taken-over':
      return say(`taken over by ${entry.by}${reason(entry)}`, `被 ${entry.by} 接管${reason(entry)}`);
    case 'key.added':
      return say(
        `handed over by ${entry.by}${entry.to === undefined ? ' to another key' : ` to ${entry.to}`}${reason(entry)}`,
        `${entry.by} 移交给${entry.to ?? '另一密钥'}${reason(entry)}`,
      );
    case 'undo.asked':
      return say(`UNDO asked by ${entry.by}  card ${entry.card}: ${entry.text}`, `${entry.by} 要求撤销  卡 ${entry.card}：${entry.text}`);
    case 'undo.finished': {
      const word = endWords[entry.outcome];
      return say(`card ${entry.card} ${word.en}: ${stringAt(entry.note, 'en')}`, `卡 ${entry.card} ${word.zh}：${stringAt(entry.note, 'zh')}`);
    }
    case 'key.adopted':
      return say(`adopted by ${entry.by}${reason(entry)}`, `被 ${entry.by} 接手${reason(entry)}`);
    case 'case.closed':
      return say(
        `CASE ${entry.outcome.toUpperCase()}${entry.as === undefined ? '' : ` (${entry.as})`} by ${entry.by}${reason(entry)}`,
        `案件${entry.outcome === 'aborted' ? '中止' : '结案'}${entry.as === undefined ? '' : `（${entry.as}）`}，${entry.by}${reason(entry)}`,
      );
    default:
      return undefined;
  }
}

function answered({ by, kind, value, via }: Extract<Entry, { type: 'answer.given' }>, step: string): Text {
  const how = via === 'proposal' ? say(' (as proposed)', '（按建议）') : say('', '');
  if (kind === 'approve' && value !== 'no') return say(`APPROVED by ${by}  ${step}: ${value}`, `${by} 已批准  ${step}：${value}`);
  if (kind === 'approve') return say(`declined by ${by}  ${step}`, `${by} 拒绝  ${step}`);
  return say(`${by} answers ${step}: ${value}${how.en}`, `${by} 回答 ${step}：${value}${how.zh}`);
}

/** Questions end with their answer, which is told already; what worked, or was left out, is told here. */
function finished(entry: Extract<Entry, { type: 'step.finished' }>, title: Text, kind: string | undefined): Text | undefined {
  if (entry.outcome === 'started' || (entry.by === undefined && !['collect', 'act', 'watch'].includes(kind ?? ''))) return undefined;
  const [word, by] = [outcomeWord(entry.outcome), entry.by === undefined ? say('', '') : say(` by ${entry.by}`, `，${entry.by}`)];
  return say(`${title.en} — ${word.en}${by.en}${reason(entry)}`, `${title.zh} — ${word.zh}${by.zh}${reason(entry)}`);
}

function stepKind(state: RunState, { frame = '', step }: Extract<Entry, { type: 'step.finished' }>): string | undefined {
  return state.frames.find(({ path }) => path === frame)?.steps.get(step)?.kind;
}

/** Every change with its result; of what was only read, what the cloud would not give. */
function called(entry: Extract<Entry, { type: 'call.finished' }>, state: RunState): Text | undefined {
  const { effect, result, how, region, code, target } = entry;
  // A dry run that would have gone through answers with an error.
  if (effect === 'read' && (result === 'done' || result === 'already' || code === 'DryRunOperation')) return undefined;
  const planned = state.frames.flatMap(({ work }) => work.plan ?? []).find(({ call }) => call === entry.call);
  const on = target ?? some(planned?.targets ?? []);
  const word = outcomeWord(result);
  const way = how === 'first' ? '' : `, ${how}`;
  const call = [shortCall({ ...entry, params: planned?.params ?? {} }), on, region].filter((part) => part !== '').join(' · ');
  const why = code === undefined ? '' : ` (${code})`;
  return say(`${call}: ${word.en}${way}${why}`, `${call}：${word.zh}${way}${why}`);
}

function reason(entry: { readonly reason?: string }): string {
  return entry.reason === undefined || entry.reason === '' ? '' : ` — ${entry.reason}`;
}

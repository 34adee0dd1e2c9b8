// What a verification found: three separate verdicts, their coverage, every problem as data, and how that is told. Pure.
import { escapeTerminal } from '../text.ts';
import type { Lang, Text } from '../text.ts';
import type { Mode, Origin } from './entry.ts';
import type { Witness } from './witness.ts';

/** Which verdict a problem spoils. */
export type Spoils = 'intact' | 'complete' | 'witness' | 'key';

/** Every problem verification can name. `{what}` is the object, call or field it is about. Retired codes are never used again. */
export const problemCodes = {
  'trail.empty': { spoils: 'intact', en: 'the trail holds no entry', zh: '记录中没有任何条目' },
  'line.unreadable': { spoils: 'intact', en: 'the line is not an entry', zh: '该行不是条目' },
  'line.not-canonical': { spoils: 'intact', en: 'the line is not written canonically', zh: '该行不是规范写法' },
  'chain.number': { spoils: 'intact', en: 'the number does not follow: it says {what}', zh: '编号不连续：写的是 {what}' },
  'chain.link': { spoils: 'intact', en: 'it does not follow from the line before', zh: '与上一行不相连' },
  'signature.wrong': { spoils: 'intact', en: 'no key of this case signed this entry', zh: '该条目不是由本案件的密钥签名' },
  'key.unreadable': { spoils: 'intact', en: 'the recorded key is not an Ed25519 key', zh: '记录的密钥不是 Ed25519 密钥' },
  'time.malformed': { spoils: 'intact', en: 'the time is not UTC ISO 8601', zh: '时间不是 UTC ISO 8601 格式' },
  'opened.missing': { spoils: 'intact', en: 'the first entry does not open a case', zh: '第一条没有开启案件' },
  'opened.twice': { spoils: 'intact', en: 'a case is opened a second time', zh: '案件被第二次开启' },
  'opened.origin': { spoils: 'intact', en: 'origin, mode and endpoint contradict each other: {what}', zh: '来源、模式与接入点互相矛盾：{what}' },
  'opened.continues': { spoils: 'intact', en: 'what it says it continues is no closed case: {what}', zh: '所接续的不是一个已结案的案件：{what}' },
  'closed.followed': { spoils: 'intact', en: 'it stands after the case was closed', zh: '出现在案件关闭之后' },
  'call.unannounced': { spoils: 'intact', en: 'call {what} changed something without an intent', zh: '调用 {what} 有改动却没有事先记录意图' },
  'approval.unsigned': { spoils: 'intact', en: 'it claims a signed approval whose signature does not fit', zh: '它声称有签名的批准，但签名不符' },
  'witness.recorded': { spoils: 'intact', en: 'the witness line it records does not fit the bytes before it', zh: '所记录的见证行与此前的字节不符' },
  'trail.torn': { spoils: 'complete', en: 'the last {what} bytes are a line that was never finished', zh: '最后 {what} 字节是一行未写完的内容' },
  'case.open': { spoils: 'complete', en: 'the case was not closed', zh: '案件尚未关闭' },
  'call.open': { spoils: 'complete', en: 'call {what} was intended; how it ended is not recorded', zh: '调用 {what} 已记录意图，但没有结果' },
  'object.missing': { spoils: 'complete', en: 'evidence {what} is missing', zh: '证据 {what} 缺失' },
  'object.altered': { spoils: 'complete', en: 'evidence {what} was altered', zh: '证据 {what} 已被改动' },
  'object.size': { spoils: 'complete', en: 'evidence {what} is not of the recorded size', zh: '证据 {what} 与记录的大小不符' },
  'object.foreign': { spoils: 'complete', en: 'objects/ holds something that is not evidence: {what}', zh: 'objects/ 中有不是证据的内容：{what}' },
  'witness.broken': { spoils: 'witness', en: 'the trail no longer begins with the {what} bytes witnessed', zh: '记录的前 {what} 字节已不是见证时的内容' },
  'witness.other-case': { spoils: 'witness', en: 'the witness line is of another case: {what}', zh: '见证行属于另一个案件：{what}' },
  'key.not-used': { spoils: 'key', en: 'no key of this case has the fingerprint {what}', zh: '本案件没有指纹为 {what} 的密钥' },
  'key.unpinned': { spoils: 'key', en: 'signed from here by a key neither given nor endorsed by a given one', zh: '从此处起由未给出、也未经给出的密钥认可的密钥签名' },
} as const satisfies Record<string, { readonly spoils: Spoils } & Text>;

export type ProblemCode = keyof typeof problemCodes;

/** `entry` is the line's place in the file, from 0. */
export type TrailProblem = { readonly code: ProblemCode; readonly entry?: number; readonly what?: string };

/** A value out of an unverified entry, which may be anything whatever its type says. */
export function quote(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** A key of the case: `endorsed` unless it was adopted without the signature of one before it. */
export type CaseKey = { readonly fingerprint: string; readonly from: number; readonly endorsed: boolean; readonly pinned: boolean };

export type CheckedWitness = Witness & { readonly holds: boolean; readonly entry?: number };

/** What was looked at: a verdict without it would be worth nothing. */
export type Coverage = {
  readonly entries: number;
  readonly bytes: number;
  /** SHA-256 of the last complete line. */
  readonly head?: string;
  readonly first?: string;
  readonly last?: string;
  readonly state: 'open' | 'closed' | 'aborted';
  readonly objects: number;
  readonly objectBytes: number;
  /** Objects no entry vouches for: left by a crash between sealing and recording. They prove nothing. */
  readonly unsealed: readonly string[];
  /** The newest witness line the trail says was shown: someone may hold it. */
  readonly shown?: { readonly bytes: number; readonly sha256: string; readonly entry: number };
  readonly unendorsedFrom?: number;
};

export type Verdict = {
  /** 0 iff intact, complete, and every witness and key given holds. */
  readonly exit: 0 | 1;
  readonly case?: {
    readonly id: string;
    readonly origin: Origin;
    readonly mode: Mode;
    readonly runbook: string;
    readonly endpoint: string;
    readonly continues?: { readonly case: string; readonly head: string };
  };
  readonly intact: boolean;
  /** Up to which entry a witness line given from outside vouches, and how many entries lie after it. */
  readonly anchored?: { readonly entry: number; readonly after: number };
  readonly complete: boolean;
  readonly witnesses: readonly CheckedWitness[];
  readonly keys: readonly CaseKey[];
  readonly coverage: Coverage;
  readonly problems: readonly TrailProblem[];
};

const shownProblems = 5;
const shownKeys = 2;
const shownWitnesses = 3;

/** The verdict as at most 24 lines of text, with what was looked at and what it does not prove. */
export function renderVerdict(verdict: Verdict, lang: Lang): string {
  const say: Say = (en, zh) => (lang === 'en' ? en : zh);
  const { problems } = verdict;
  const exercise = verdict.case?.origin === 'exercise' ? say('   EXERCISE, not a real case', '   演练（EXERCISE），不是真实案件') : '';
  const hidden = problems.length - shownProblems;
  return [
    `${plain(verdict.case?.id ?? '?')}: ${verdict.exit === 0 ? say('verified', '验证通过') : say('NOT VERIFIED', '验证未通过')}${exercise}`,
    ...rows(verdict, say).map(([name, text]) => `  ${say(name.padEnd(9), name.padEnd(4, '\u3000'))} ${text}`),
    ...(problems.length === 0 ? [] : [say(`Problems: ${problems.length}`, `问题：${problems.length}`)]),
    ...problems.slice(0, shownProblems).map((problem) => `  ${renderTrailProblem(problem, lang)}`),
    ...(hidden > 0 ? [say(`  and ${hidden} more: --json lists them all`, `  另有 ${hidden} 个：用 --json 列出全部`)] : []),
    say('Not proven by this:', '以上不能证明：'),
    ...unproven(verdict, say).map((text) => `  - ${text}`),
  ].join('\n');
}

/** One problem as a line of text. */
export function renderTrailProblem({ code, entry, what }: TrailProblem, lang: Lang): string {
  const text = problemCodes[code][lang].replace('{what}', () => plain(what ?? '').replace(/^([0-9a-f]{16})[0-9a-f]{48}$/, '$1...'));
  if (entry === undefined) return text;
  return lang === 'en' ? `entry ${entry}: ${text}` : `第 ${entry} 条：${text}`;
}

type Say = (en: string, zh: string) => string;

function rows(verdict: Verdict, say: Say): [name: string, text: string][] {
  const { coverage, intact, complete, keys, witnesses } = verdict;
  const { entries, objects, objectBytes } = coverage;
  const yes = (holds: boolean): string => (holds ? say('yes  ', '是 ') : say('NO   ', '否 '));
  const linked = intact ? say(', each linked to the one before and signed', '，每条都与上一条相连并有签名') : say('; see the problems', '；见下列问题');
  const state = { open: say('open', '未关闭'), closed: say('closed', '已关闭'), aborted: say('aborted', '已中止') }[coverage.state];
  const [first, last] = [plain(coverage.first ?? '?'), plain(coverage.last ?? '?')];
  return [
    [say('intact', '未改动'), yes(intact) + say(`${entries} entries`, `${entries} 条`) + linked],
    [say('anchored', '见证'), anchorText(verdict, say)],
    [say('complete', '完整'), yes(complete) + say(`${state}; ${objects} objects of evidence, ${objectBytes} bytes`, `${state}；证据 ${objects} 件，共 ${objectBytes} 字节`)],
    [say('covers', '范围'), say(`entry 0 (${first}) to ${entries - 1} (${last})`, `第 0 条 ${first} 至第 ${entries - 1} 条 ${last}`)],
    ...keys
      .slice(0, shownKeys)
      .map(({ fingerprint, pinned }): [string, string] => [say('key', '密钥'), `${fingerprint}  ${pinned ? say('as given', '与给出的一致') : say('not compared', '未核对')}`]),
    ...witnesses
      .slice(0, shownWitnesses)
      .map(({ bytes, holds, entry }): [string, string] => [
        say('witness', '见证行'),
        `bytes=${bytes}  ${holds ? say(`holds, up to entry ${entry}`, `相符，至第 ${entry} 条`) : say('DOES NOT HOLD', '不符')}`,
      ]),
  ];
}

function anchorText({ anchored, coverage }: Verdict, say: Say): string {
  if (anchored !== undefined) return say(`up to entry ${anchored.entry}; entries after it: ${anchored.after}`, `至第 ${anchored.entry} 条；其后还有 ${anchored.after} 条`);
  const { shown } = coverage;
  if (shown === undefined) return say('no: no witness line was given', '否：没有给出见证行');
  return say(`no: no witness line was given; one up to entry ${shown.entry} was shown`, `否：没有给出见证行；曾显示过至第 ${shown.entry} 条的一行`);
}

function unproven({ anchored, keys, coverage }: Verdict, say: Say): string[] {
  const last = coverage.entries - 1;
  return [
    ...(keys.some(({ pinned }) => pinned) ? [] : [say('whose key this is: compare it with the one shown at opening (--key)', '密钥是谁的：请与开案时显示的指纹核对（--key）')]),
    ...(coverage.unendorsedFrom === undefined
      ? []
      : [say(`that the key used from entry ${coverage.unendorsedFrom} on had the right to: unendorsed`, `第 ${coverage.unendorsedFrom} 条起所用密钥有权接手：未经原密钥认可`)]),
    ...(anchored === undefined ? [say('that nothing was cut off or rewritten by a holder of the key (--witness)', '密钥持有人没有截断或重写过记录（--witness）')] : []),
    ...(anchored !== undefined && anchored.after > 0
      ? [say(`entries ${anchored.entry + 1} to ${last} against a holder of the key`, `第 ${anchored.entry + 1} 至 ${last} 条未被密钥持有人改写`)]
      : []),
    ...(coverage.unsealed.length > 0 ? [say(`anything about ${coverage.unsealed.length} objects no entry names`, `没有条目提及的 ${coverage.unsealed.length} 件内容`)] : []),
    say('that the clock was right, or that what the cloud answered was true', '时钟准确，或云端的回答属实'),
  ];
}

// Names of files and cases may be anybody's.
function plain(text: unknown): string {
  return escapeTerminal(quote(text), { most: 80 });
}

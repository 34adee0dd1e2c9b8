// What a verification found: three separate verdicts, their coverage, and every problem as data. Pure types and codes.
import type { Text } from '../text.ts';
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
  'closed.followed': { spoils: 'intact', en: 'it stands after the case was closed', zh: '出现在案件关闭之后' },
  'call.unannounced': { spoils: 'intact', en: 'call {what} changed something without an intent', zh: '调用 {what} 有改动却没有事先记录意图' },
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
  'key.unpinned': { spoils: 'key', en: 'a key that was not given, and that no given key endorsed, signs from here', zh: '从此处起由未给出、也未经给出的密钥认可的密钥签名' },
} as const satisfies Record<string, { readonly spoils: Spoils } & Text>;

export type ProblemCode = keyof typeof problemCodes;

/** `entry` is the line's place in the file, from 0. */
export type TrailProblem = { readonly code: ProblemCode; readonly entry?: number; readonly what?: string };

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
  readonly case?: { readonly id: string; readonly origin: Origin; readonly mode: Mode; readonly runbook: string; readonly endpoint: string };
  readonly intact: boolean;
  /** Up to which entry a witness line given from outside vouches, and how many entries lie after it. */
  readonly anchored?: { readonly entry: number; readonly after: number };
  readonly complete: boolean;
  readonly witnesses: readonly CheckedWitness[];
  readonly keys: readonly CaseKey[];
  readonly coverage: Coverage;
  readonly problems: readonly TrailProblem[];
};

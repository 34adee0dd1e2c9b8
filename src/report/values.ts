// Small tools of the report: sentences in both languages, recorded values of any shape. Pure.
import type { Json, JsonObject, Text } from '../text.ts';
import type { Inline } from './layout.ts';

/** One sentence in both languages. */
export function say(en: string, zh: string): Text;
export function say(en: Inline, zh: Inline): { readonly en: Inline; readonly zh: Inline };
export function say<T>(en: T, zh: T): { readonly en: T; readonly zh: T } {
  return { en, zh };
}

const outcomeWords: Readonly<Record<string, Text>> = {
  all: say('complete', '全部完成'),
  some: say('in part', '部分完成'),
  none: say('nothing', '无'),
  quiet: say('quiet', '安静'),
  active: say('NOT quiet', '不安静'),
  unverified: say('not verified', '未经验证'),
  skipped: say('skipped', '已跳过'),
  unfinished: say('not finished', '尚未结束'),
  failed: say('failed', '失败'),
  done: say('done', '已完成'),
  answered: say('written down', '已记录'),
  already: say('already so', '原已如此'),
  denied: say('not permitted', '没有权限'),
  throttled: say('too many calls', '被限流'),
  unknown: say('not known', '未知'),
  held: say('held back', '排除'),
  gone: say('gone', '已不存在'),
  undone: say('taken back', '已撤销'),
  rehearsed: say('rehearsed, not sent', '预演，未发送'),
};

/** Whose doing a row of the timeline is. */
export const laneWords = { suspect: say('suspect', '嫌疑身份'), responder: say('responder', '响应'), approval: say('decision', '决定'), case: say('case', '案件') } as const;

/** How a step ended, for people. */
export function outcomeWord(outcome: string): Text {
  return outcomeWords[outcome] ?? say(outcome, outcome);
}

const severities: Readonly<Record<string, Text>> = {
  critical: say('critical', '严重'),
  high: say('high', '高'),
  medium: say('medium', '中'),
  low: say('low', '低'),
  info: say('info', '提示'),
};

/** How grave, for people; what another version of us wrote is shown as it is, escaped by the caller's format. */
export function severityWord(severity: string): Text {
  return severities[severity] ?? say(severity, severity);
}

/** The first five, and how many there are. */
export function some(items: readonly string[]): string {
  return items.length > 5 ? `${items.slice(0, 5).join(', ')} … (${items.length})` : items.join(', ');
}

/** A recorded text in both languages; plain text serves both. */
export function textOf(value: Json | undefined): Text {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { en, zh } = value as { readonly en?: Json; readonly zh?: Json };
    if (typeof en === 'string') return { en, zh: typeof zh === 'string' ? zh : en };
  }
  const plain = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return { en: plain, zh: plain };
}

export function stringAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

/** A recorded number; null is one that was looked for and not found. */
export function numberOrNull(value: Json | undefined): number | null | undefined {
  return typeof value === 'number' || value === null ? value : undefined;
}

/** Recorded facts come from another version of us as well: whatever is not there is undefined. */
export function valueAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    found = (found as JsonObject)[part];
  }
  return found;
}

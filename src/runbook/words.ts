// The fixed words around a rendered runbook, and what keeps its own words from becoming markup. Pure.
import type { Text } from '../text.ts';

/** Labels of the paper and the diagram. */
export const word = {
  paper: { en: 'Paper version: if nothing else works, do this by hand, in this order.', zh: '纸面版：其他手段都不可用时，按此顺序手工执行。' },
  threat: { en: 'Threat', zh: '威胁' },
  severity: { en: 'Severity', zh: '严重程度' },
  owners: { en: 'Owners', zh: '负责人' },
  reviewed: { en: 'Reviewed', zh: '复核日期' },
  version: { en: 'Version', zh: '版本' },
  inputs: { en: 'What you need to know first', zh: '开始前需要知道' },
  proposed: { en: 'proposed', zh: '默认' },
  required: { en: 'required', zh: '必填' },
  waits: { en: 'Waits for', zh: '等待' },
  background: { en: 'In the background', zh: '后台运行' },
  once: { en: 'not in a child case', zh: '子案件中不执行' },
  over: { en: 'For each of', zh: '对象' },
  approves: { en: 'Approves the list for', zh: '批准清单，用于' },
  confirms: { en: 'Confirms, typed back', zh: '回输以确认' },
  calls: { en: 'Calls', zh: '调用' },
  class: { en: 'Class', zh: '类别' },
  loses: { en: 'Lost for good', zh: '永久丢失' },
  leaves: { en: 'Leaves standing', zh: '未处理' },
  undo: { en: 'Undo', zh: '撤销' },
  undoCard: { en: 'one card per target: the state before and the exact call', zh: '每个对象一张撤销卡：原状态与确切调用' },
  undoNone: { en: 'none, this can not be undone', zh: '无法撤销' },
  byHand: { en: 'By hand', zh: '手工操作' },
  operation: { en: 'Operation', zh: '操作' },
  tell: { en: 'Tell', zh: '通知' },
  send: { en: 'Text to send', zh: '通知内容' },
  example: { en: 'Example', zh: '示例' },
  opens: { en: 'Opens a case of', zh: '打开子案件' },
  next: { en: 'Then', zh: '然后' },
  skip: { en: 'skip', zh: '跳过' },
  noSkip: { en: 'can not be skipped', zh: '不可跳过' },
  endsAs: { en: 'The case ends as', zh: '结案结果' },
  cut: { en: 'the cut', zh: '切断' },
} as const satisfies Record<string, Text>;

/** Text as one line of Markdown: a runbook can come from anywhere, so nothing in it may turn into markup. `{fact}` becomes ‹fact›. */
export function prose(text: string): string {
  return blanks(clean(text))
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]#|~!]/g, String.raw`\$&`)
    .replace(/^([-+=])/, String.raw`\$1`)
    .replace(/^(\d+)([.)])/, String.raw`$1\$2`);
}

/** A Markdown code span of any text. */
export function code(text: string): string {
  const line = clean(text).replaceAll('\n', ' ');
  const fence = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length)));
  return fence.length === 1 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

/** Text inside the quotes of a Mermaid diagram. */
export function label(text: string): string {
  return blanks(clean(text))
    .replaceAll(/[\n;]/g, ' ')
    .replaceAll('"', "'")
    .replaceAll(/[#:{}<>&]/g, (mark) => `#${mark.codePointAt(0)};`);
}

/** Markdown of several lines, each kept as a line. */
export function paragraph(text: string): string {
  return text.trim().split('\n').map(prose).join('  \n');
}

function clean(text: string): string {
  // Control characters, and the formats that hide text or turn its direction; a line break stays.
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) => (mark === '\n' ? mark : ''));
}

function blanks(text: string): string {
  return text.replaceAll(/\{([A-Za-z][\w.]*)\}/g, '‹$1›');
}

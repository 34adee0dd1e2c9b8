// An answer in words: what to run, which child case to open, what to do by hand. Pure; what it names is foreign and escaped where shown.
import type { Json, Text } from '../text.ts';
import { aliyunCommand } from './by-hand.ts';
import type { Answer, Product } from './define.ts';
import { actions } from './index.ts';
import { at, isObject, textAt, textsAt } from './wire.ts';

/** `targets`: what the answer is for, when the log named it. `command`: the same by hand, words in capitals to be filled in. */
export type Said = { readonly text: Text; readonly targets: readonly string[]; readonly command?: string };

/** The answer a recorded finding carries; undefined in a trail of a version that gave none, or for one that can not be read. */
export function answerIn(finding: Json): Answer | undefined {
  const value = at(finding, 'answer');
  switch (textAt(value, 'kind')) {
    case 'action':
      return { kind: 'action', action: textAt(value, 'action'), targets: textsAt(value, 'targets') };
    case 'case':
      return { kind: 'case', runbook: textAt(value, 'runbook'), targets: textsAt(value, 'targets') };
    case 'manual': {
      const call = at(value, 'call');
      return { kind: 'manual', text: texts(at(value, 'text')), ...(isObject(call) ? { call: callIn(call) } : {}) };
    }
    case 'watch':
      return { kind: 'watch', why: texts(at(value, 'why')) };
    default:
      return undefined;
  }
}

/** What a person reads beside a finding. */
export function said(answer: Answer): Said {
  switch (answer.kind) {
    case 'action':
      return { text: actions[answer.action]?.summary ?? { en: answer.action, zh: answer.action }, targets: answer.targets };
    case 'case':
      return { text: { en: `Handle it as a case of its own: ${answer.runbook}`, zh: `作为独立案件处理：${answer.runbook}` }, targets: answer.targets };
    case 'manual':
      return { text: answer.text, targets: [], ...(answer.call === undefined ? {} : { command: aliyunCommand(answer.call) }) };
    case 'watch':
      return { text: answer.why, targets: [] };
  }
}

function callIn(call: Json): NonNullable<Extract<Answer, { kind: 'manual' }>['call']> {
  const params = at(call, 'params');
  const values = isObject(params) ? Object.keys(params).map((name) => [name, textAt(params, name)] as const) : [];
  return {
    product: textAt(call, 'product') as Product,
    version: textAt(call, 'version'),
    action: textAt(call, 'action'),
    params: Object.fromEntries(values),
    region: textAt(call, 'region'),
    effect: textAt(call, 'effect') === 'read' ? 'read' : 'write',
  };
}

function texts(value: Json | undefined): Text {
  return { en: textAt(value, 'en'), zh: textAt(value, 'zh') };
}

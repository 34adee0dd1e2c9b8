// What an entry of the catalogue is: how grave, which techniques, one sentence, one answer. Types and their builders; knows no event by name.
import type { Text } from '../../text.ts';
import type { Finding, Product } from '../define.ts';
import type { CloudEvent } from '../event.ts';
import { instancesOf, userOf } from '../event.ts';
import { textAt, textsAt } from '../wire.ts';

/** The ids an answer is for, as our actions name their targets; empty when the event names none. */
type Of = (event: CloudEvent) => readonly string[];

/** A command as product, operation and parameters: `{Name}` is a parameter of the event, words in capitals are for the person to fill in. */
export type Command = readonly [product: Product, action: string, params?: Readonly<Record<string, string>>];

export type Template =
  | { readonly kind: 'action'; readonly action: string; readonly of: Of }
  | { readonly kind: 'case'; readonly runbook: string; readonly of: Of }
  | { readonly kind: 'manual'; readonly text: Text; readonly command?: Command }
  | { readonly kind: 'watch'; readonly why: Text };

export type Threat = {
  readonly severity: Finding['severity'];
  readonly attack: readonly string[];
  /** `{user}`, `{key}`, `{role}`, `{count}` are computed; any other `{Name}` is a parameter of the event. */
  readonly what: Text;
  readonly answer: Template | ((event: CloudEvent) => Template);
  /** A program does it thousands of times: one finding for each principal, the rest is counted. */
  readonly often: boolean;
};

/** Product names as the log writes them, and what their events mean. */
export type Subject = readonly (readonly [services: readonly string[], threats: Readonly<Record<string, Threat>>])[];

export function threat(severity: Threat['severity'], attack: string, en: string, zh: string, answer: Threat['answer']): Threat {
  return { severity, attack: attack.split(' ').filter((id) => id !== ''), what: { en, zh }, answer, often: false };
}

export function often(one: Threat): Threat {
  return { ...one, often: true };
}

export function act(action: string, of: Of): Template {
  return { kind: 'action', action, of };
}

export function child(runbook: 'leaked-access-key' | 'taken-role', of: Of): Template {
  return { kind: 'case', runbook, of };
}

/** At most three short sentences: what to save first, where to do it, what it breaks. Never filled: it holds no foreign word. */
export function byHand(en: string, zh: string, command?: Command): Template {
  return { kind: 'manual', text: { en, zh }, ...(command === undefined ? {} : { command }) };
}

export function watch(en: string, zh: string): Template {
  return { kind: 'watch', why: { en, zh } };
}

/** Reads that only look around, all answered alike. */
export function looks(attack: string, names: Readonly<Record<string, readonly [en: string, zh: string]>>): Readonly<Record<string, Threat>> {
  const answer = watch('It only looked around: nothing to take back.', '只是查看信息：没有需要撤销的内容。');
  return Object.fromEntries(Object.entries(names).map(([name, [en, zh]]) => [name, threat('low', attack, en, zh, answer)]));
}

/** The user an event is about. */
export const theUser: Of = (event) => some(userOf(event));
/** The user an event is about, or who made the call: IMS and sign-in events mean oneself when they name nobody. */
export const theUserOrSelf: Of = (event) => some(userOf(event) || event.userName);
export const newKey: Of = (event) => some(textAt(event.response, 'AccessKey', 'AccessKeyId'));
export const keyAtWork: Of = (event) => some(event.accessKeyId);
export const instances: Of = (event) => instancesOf(event);

/** The value or the values of a parameter, asked or answered: one, a list, or a list written as JSON text. */
export function given(name: string): Of {
  return ({ request, response }) => {
    const lists = [textsAt(request, name), textsAt(response, name)].flat();
    const [text = ''] = [textAt(request, name), textAt(response, name)].filter((one) => one !== '');
    return lists.length > 0 ? lists : text.startsWith('[') ? fromJson(text) : some(text);
  };
}

/** The role's name, from its name or its ARN. */
export const theRole: Of = ({ request }) => some(textAt(request, 'RoleName') || (/^acs:ram::\d+:role\/(.+)$/.exec(textAt(request, 'RoleArn'))?.[1] ?? ''));

function fromJson(text: string): readonly string[] {
  try {
    return textsAt({ list: JSON.parse(text) as string[] }, 'list');
  } catch {
    return [];
  }
}

function some(id: string): readonly string[] {
  return id === '' ? [] : [id];
}

/** True for a sign-in of the account's owner, whom no RAM call reaches. */
export function isRoot(event: CloudEvent): boolean {
  return event.identityType === 'root-account';
}

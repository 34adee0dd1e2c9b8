// What a person gives in advance: `--input` pairs and an answers file. Checked whole before a case is made or moved.
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { expectInput } from '../engine/answer.ts';
import type { Pending } from '../engine/pending.ts';
import { Fault } from '../errors.ts';
import type { Runbook } from '../runbook/schema.ts';
import { clip } from '../text.ts';
import type { Shell } from './shell.ts';

export type Skip = { readonly skip: string };
/** An approval that takes two: the text, and who stands for it beside the one who answers. */
export type Seconded = { readonly value: string; readonly second: string };
type Given = string | Skip | Seconded;

/** Step → value, a list for successive visits, `{skip: REASON}` or `{value: TEXT, second: NAME}`. */
export type Answers = Readonly<Record<string, Given | readonly Given[]>>;

/** An answers file as read: what it says and where it says it. */
export type AnswersFile = { readonly answers: Answers; at(step: string): string };

/** `--input k=v` pairs by name. @throws Fault E_USAGE, E_INPUT for one that this runbook would not take. */
export function readInputs(book: Runbook, pairs: readonly string[]): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1)
      throw new Fault('E_USAGE', `--input takes name=value, not "${clip(pair, 60)}". Nothing was done.`, { hint: `Its names are: ${Object.keys(book.inputs).join(', ')}.` });
    const name = pair.slice(0, equals);
    if (inputs.has(name)) throw new Fault('E_USAGE', `--input ${name} is given twice. Nothing was done.`, { hint: 'Give each input once.' });
    expectInput(book.inputs, name, pair.slice(equals + 1));
    inputs.set(name, pair.slice(equals + 1));
  }
  return inputs;
}

/** @throws Fault E_ANSWERS when the file is missing or not of that form. Every value is text: `000042` keeps its noughts. */
export async function readAnswers(shell: Shell, path: string): Promise<AnswersFile> {
  const text = await shell.read(path);
  if (text === undefined) throw new Fault('E_ANSWERS', `The answers file ${path} can not be read.`, { where: path, hint: 'Check its name.' });
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const doc = parseDocument(text, { schema: 'failsafe', stringKeys: true, prettyErrors: false, lineCounter: lines, logLevel: 'silent' });
  const [error] = doc.errors;
  if (error) throw new Fault('E_ANSWERS', `The answers file is not YAML: ${error.message}.`, { where: place(error.pos[0]) });
  if (!isMap(doc.contents)) throw new Fault('E_ANSWERS', 'The answers file is not a map of steps.', { where: path });
  const at = (step: string): string => place(keyOffset(doc, step));
  const value = valueOf(doc, path);
  for (const [step, each] of Object.entries(value)) {
    if (isGiven(each) || (Array.isArray(each) && each.length > 0 && each.every(isGiven))) continue;
    throw new Fault('E_ANSWERS', `The answer for ${clip(step, 60)} is neither a value, a list of values, {skip: REASON} nor {value: TEXT, second: NAME}.`, { where: at(step) });
  }
  return { answers: value as Answers, at };
}

function valueOf(doc: Document, path: string): object {
  try {
    return doc.toJS({ maxAliasCount: 100 }) as object;
  } catch (cause) {
    throw new Fault('E_ANSWERS', 'The answers file repeats itself without end: too many aliases.', { where: path, cause });
  }
}

function keyOffset(doc: Document, step: string): number {
  const pair = isMap(doc.contents) ? doc.contents.items.find(({ key }) => isNode(key) && String(key) === step) : undefined;
  return pair && isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
}

function isGiven(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = Object.entries(value);
  const names = fields
    .map(([name]) => name)
    .toSorted()
    .join();
  return (names === 'skip' || names === 'second,value') && fields.every(([, each]) => typeof each === 'string' && each.trim() !== '');
}

/** Every name must be one that this runbook can ask about. @throws Fault E_ANSWERS naming those that are not. */
export function expectSteps(book: Runbook, { answers, at }: AnswersFile): void {
  const steps = new Map(book.steps.map((step) => [step.id, step.kind]));
  const unknown = Object.keys(answers).filter((name) => {
    const [first = '', ...deeper] = name.split('/');
    if (/^debt\.\d+$/.test(first)) return deeper.length > 0;
    if (first.startsWith('input.')) return deeper.length > 0 || !Object.hasOwn(book.inputs, first.slice(6));
    if (/^debt\.\d+$/.test(first)) return deeper.length > 0;
    // What a child asks is for the child's own runbook to know; only the way there can be checked here.
    return deeper.length > 0 ? steps.get(first.replace(/~\d+$/, '')) !== 'case' : !steps.has(first);
  });
  const [first] = unknown;
  if (first === undefined) return;
  throw new Fault('E_ANSWERS', `The runbook ${book.id} has no step ${unknown.map((name) => clip(name, 60)).join(', ')}. Nothing was done.`, {
    where: at(first),
    hint: `"firebreak runbook show ${book.id}" prints its steps.`,
  });
}

/** What is still to be said: the next value for a question, if one was given. */
export type Script = { has(step: string): boolean; next(question: Pick<Pending, 'step' | 'visit'>): Given | undefined };

/** Reads answers off in their order: a list goes by the visit, a single value is used once. */
export function scriptOf(answers: Answers): Script {
  const used = new Map<string, number>();
  const has = (step: string): boolean => Object.hasOwn(answers, step);
  return {
    has,
    next({ step, visit }) {
      const given = has(step) ? answers[step] : undefined;
      if (given === undefined) return undefined;
      const isList = Array.isArray(given);
      const key = isList ? `${step}~${visit}` : step;
      const before = used.get(key) ?? 0;
      used.set(key, before + 1);
      return isList ? (given as readonly Given[])[visit - 1 + before] : before === 0 ? (given as Given) : undefined;
    },
  };
}

// What the schema found, in words a runbook author understands. Pure; knows zod's issues and the language's field names.
import type { z } from 'zod';
import { aStepOf, outcomes } from './outcome.ts';
import { suggest, type Flaw, type Path } from './problem.ts';
import { Input, Runbook, Step, type StepKind } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** Turns one schema issue into flaws: one per unknown field, the branch that was meant for a union. */
export function explain(issue: Issue, source: unknown): readonly Flaw[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const found = at(source, path);
  const name = path.at(-1);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(key, path, source));
    case 'invalid_union':
      return issue.discriminator === undefined ? union(issue, path, source) : [unknownKind(found, path, source)];
    case 'invalid_key':
      return [{ code: 'R_VALUE', message: `"${name}" can not be used as a name here: ${issue.issues[0]?.message}.`, path, part: 'key' }];
    case 'too_big':
      if (name === 'steps') return [{ code: 'R_SIZE', message: `There are more than ${issue.maximum} steps.`, path, part: 'key' }];
      break;
    default:
  }
  if (isLanguage(name) && (found === undefined || found === null || (typeof found === 'string' && found.trim() === ''))) {
    return [{ code: 'R_TRANSLATION', message: `${place(path.slice(0, -1), source)} has no text in ${name === 'zh' ? 'Chinese (zh)' : 'English (en)'}.`, path }];
  }
  if (found === undefined) return [missing(path, source)];
  return [{ code: 'R_VALUE', message: `${place(path, source)} is ${shown(found)}: ${plain(issue)}.`, path }];
}

function missing(path: Path, source: unknown): Flaw {
  const [name, owner] = [path.at(-1), path.at(-2)];
  const kind = kindAt(path, source);
  if (owner === 'on' && kind !== undefined) {
    return { code: 'R_OUTCOME', message: `${stepName(path, source)} does not say where "${name}" leads. ${ends(kind, path, source)}`, path };
  }
  return { code: 'R_MISSING', message: `${place(path.slice(0, -1), source)} has no "${name}".`, path };
}

function unknownField(key: string, path: Path, source: unknown): Flaw {
  const where = { path: [...path, key], part: 'key' as const };
  const kind = kindAt(path, source);
  if (path.at(-1) === 'on' && kind !== undefined) {
    return {
      code: 'R_OUTCOME',
      message: `${stepName(path, source)} never ends with "${key}". ${ends(kind, path, source)}${inBackground(path, source) ? '' : suggest(key, outcomes[kind])}`,
      ...where,
    };
  }
  return { code: 'R_FIELD', message: `${place(path, source)} has an unknown field "${key}".${suggest(key, fieldsAt(path, kind))}`, ...where };
}

function unknownKind(found: unknown, path: Path, source: unknown): Flaw {
  if (found === undefined) return { code: 'R_MISSING', message: `${stepName(path, source)} has no "kind".`, path };
  return { code: 'R_KIND', message: `${stepName(path, source)} is of an unknown kind, ${shown(found)}.${suggest(String(found), Object.keys(outcomes))}`, path };
}

/** What each branch of a union wants. */
function union(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, source: unknown): readonly Flaw[] {
  const branches = issue.errors;
  const found = at(source, path);
  if (found === undefined) return [missing(path, source)];
  const wants = branches.flatMap((branch) => branch.slice(0, 1).map(plain));
  return [{ code: 'R_VALUE', message: `${place(path, source)} is ${shown(found)}: ${[...new Set(wants)].join(', or ')}.`, path }];
}

function plain(issue: Issue): string {
  // The schema's own words, where it has some.
  if (issue.message.startsWith('it ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${nouns[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `it must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'it must not be empty' : `it needs at least ${issue.minimum}`;
    case 'too_big':
      return `it allows at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of fields',
  record: 'a group of fields',
  array: 'a list',
};

function ends(kind: StepKind, path: Path, source: unknown): string {
  if (inBackground(path, source)) return 'It runs in the background, so it leads on with "started" alone.';
  const closed = outcomes[kind];
  return `It is ${aStepOf(kind)}, which ends with ${closed.length === 0 ? 'one of its choices' : closed.join(', ')}.`;
}

function fieldsAt(path: Path, kind: StepKind | undefined): readonly string[] {
  if (path.length === 0) return Object.keys(Runbook.shape);
  if (path.length === 2 && kind !== undefined) {
    return Object.keys(Step.options.find((option) => option.shape.kind.value === kind)?.shape ?? {});
  }
  if (path[0] === 'inputs') return Object.keys(Input.shape);
  if (path[0] === 'phases') return ['id', 'title'];
  if (path.at(-2) === 'choices') return ['label', 'note', 'when', 'has'];
  if (path.at(-1) === 'when') return ['job', 'is'];
  return ['en', 'zh'];
}

/** How the part at this path is called in a message: `Step cut, "title"`. */
function place(path: Path, source: unknown): string {
  if (path.length === 0) return 'The runbook';
  if (path[0] !== 'steps' || path.length < 2) return `"${path.join('.')}"`;
  const inside = path.slice(2).join('.');
  return inside === '' ? stepName(path, source) : `${stepName(path, source)}, "${inside}",`;
}

function stepName(path: Path, source: unknown): string {
  const id = (at(source, path.slice(0, 2)) as { id?: unknown } | undefined)?.id;
  return typeof id === 'string' ? `Step ${id}` : `Step ${Number(path[1]) + 1}`;
}

function inBackground(path: Path, source: unknown): boolean {
  return (at(source, path.slice(0, 2)) as { background?: unknown } | undefined)?.background === true;
}

function kindAt(path: Path, source: unknown): StepKind | undefined {
  if (path[0] !== 'steps' || path.length < 2) return undefined;
  const kind = (at(source, path.slice(0, 2)) as { kind?: unknown } | null)?.kind;
  return typeof kind === 'string' && Object.hasOwn(outcomes, kind) ? (kind as StepKind) : undefined;
}

function at(source: unknown, path: Path): unknown {
  let value = source;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function isLanguage(name: string | number | undefined): boolean {
  return name === 'en' || name === 'zh';
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a group of fields' : String(value);
}

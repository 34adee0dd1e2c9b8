// What a tabletop scenario is: its file's schema and parser. Pure; the simulated account inside is opaque here.
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Problem, Where } from '../errors.ts';
import type { Json } from '../text.ts';

const maxBytes = 512 * 1024;
const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes, starting with a letter');
const text = z.strictObject({ en: z.string().min(1), zh: z.string().min(1) });
/** A step, or `second-key/cut` for one of a child case. */
const step = z.string().regex(/^[a-z][a-z0-9-]{0,39}(\/[a-z][a-z0-9~-]{0,39})*$/, 'a step of the runbook');
const outcomes = z.union([id, z.array(id).min(1)]).transform((value) => (typeof value === 'string' ? [value] : value));
const call = z.string().regex(/^[a-z]+:[A-Z][A-Za-z]+$/, 'product:Action');
/** Scenario minutes since the case was opened. */
const withinMinutes = z.number().positive().optional();

/** What an objective may ask of the trail: a closed set, so that every scenario is scored alike. */
export const Condition = z.union([
  /** The step ended, with one of these outcomes where they are given. */
  z.strictObject({ finished: step, outcome: outcomes.optional(), withinMinutes }),
  /** The background job ended. */
  z.strictObject({ jobFinished: step, outcome: outcomes.optional(), withinMinutes }),
  /** The write went through, on this target where one is given. */
  z.strictObject({ done: call, target: z.string().min(1).optional(), withinMinutes }),
  /** The write was never sent, on this target where one is given. */
  z.strictObject({ never: call, target: z.string().min(1).optional() }),
  /** The target was held back and nothing was done to it. */
  z.strictObject({ held: z.string().min(1) }),
  /** Each target of these writes had evidence of its own sealed before the write was sent. At least one write was. */
  z.strictObject({ evidenceBefore: call }),
  /** The first came before the second, steps or `product:Action`; both happened. */
  z.strictObject({ order: z.tuple([z.union([step, call]), z.union([step, call])]) }),
  /** Every target of the act was read back as done, already so, or gone. */
  z.strictObject({ allTargetsDone: step, withinMinutes }),
  /** The case was closed at this end. */
  z.strictObject({ closed: id, withinMinutes }),
]);
export type Condition = z.infer<typeof Condition>;

export const Objective = z.strictObject({
  id,
  text,
  points: z.number().int().positive(),
  /** Missed, it fails the drill whatever the points. */
  must: z.boolean().default(false),
  when: Condition,
});
export type Objective = z.infer<typeof Objective>;

const Answer = z.union([z.string().min(1), z.strictObject({ skip: z.string().min(1) }), z.strictObject({ value: z.string().min(1), second: z.string().min(1) })]);

export const Scenario = z.strictObject({
  id,
  title: text,
  /** What the player is told before the first step. */
  brief: text,
  /** The simulated account: the range has its own schema for it. */
  world: z.unknown(),
  /** Scenario time a scripted player takes for each answer. */
  thinkSeconds: z.number().min(0).max(3600).default(20),
  /** Reference answers: step → value, a list for successive visits, a skip, or an approval by two. `approve` stands for the text a batch asks for. */
  answers: z.record(z.string().min(1), z.union([Answer, z.array(Answer).min(1)])),
  objectives: z.array(Objective).min(1),
  /** Points that pass the drill; default: seven tenths of all. */
  passPoints: z.number().int().positive().optional(),
});
export type Scenario = z.infer<typeof Scenario>;

export type ParsedScenario = { readonly scenario?: Scenario; readonly problems: readonly Problem[] };

// Places live beside the scenario, not in it: what is inside `world` is read later, by somebody else.
const places = new WeakMap<Scenario, (path: Path) => Where>();

/** Where this part of a parsed scenario stands in its file. */
export function whereOf(scenario: Scenario, path: Path): Where | undefined {
  return places.get(scenario)?.(path);
}

/** Reads a scenario. With any problem there is no scenario; all are given, in the file's order. */
export function parseScenario(source: string, file: string): ParsedScenario {
  const lines = new LineCounter();
  const at = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problem = (message: string, where: Where): Problem => ({ code: 'E_SCENARIO', message, where });
  if (Buffer.byteLength(source) > maxBytes) return { problems: [problem('A drill is at most 512 KiB of YAML.', { file })] };
  const doc = parseDocument(source, { version: '1.2', schema: 'core', strict: true, stringKeys: true, prettyErrors: false, lineCounter: lines, logLevel: 'silent' });
  if (doc.errors.length > 0) return { problems: doc.errors.slice(0, 20).map(({ message, pos }) => problem(message, at(pos[0]))) };
  const value = toValue(doc);
  if (value === undefined) return { problems: [problem('The file repeats itself without end: too many aliases.', { file })] };
  const read = Scenario.safeParse(value, { jitless: true });
  const flaws = read.success ? crossCheck(read.data) : read.error.issues.flatMap(explain);
  if (!read.success || flaws.length > 0) {
    const problems = flaws.map(({ path, message }) => problem(message, at(offsetOf(doc, path))));
    return { problems: problems.toSorted((a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0)) };
  }
  places.set(read.data, (path) => at(offsetOf(doc, path)));
  return { scenario: read.data, problems: [] };
}

type Path = readonly PropertyKey[];
type Flaw = { readonly path: Path; readonly message: string };

function toValue(doc: Document): Json | undefined {
  try {
    return doc.toJS({ maxAliasCount: 500 }) as Json;
  } catch {
    return undefined;
  }
}

function explain(issue: z.core.$ZodIssue): readonly Flaw[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], message: `${place(path)} has an unknown field "${key}".` }));
  if (issue.code === 'invalid_union' && path.at(-1) === 'when') return [condition(issue)];
  if (issue.code === 'invalid_union' && path[0] === 'answers')
    return [{ path, message: `${place(path)} must be text, {skip: REASON}, {value: TEXT, second: NAME} or a list of these. Put numbers into quotes.` }];
  return [{ path, message: `${place(path)} ${wrong(issue)}.` }];
}

function wrong({ code, message }: z.core.$ZodIssue): string {
  return code === 'invalid_type' && message.endsWith('received undefined') ? 'is missing' : `does not fit: ${message}`;
}

/** Of the kinds of condition, the one that was meant: the fewest complaints. */
function condition(issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>): Flaw {
  const [best] = issue.errors.toSorted((a, b) => a.length - b.length || unknownKeys(a) - unknownKeys(b));
  const inner = best?.[0];
  const kinds = Condition.options.map((option) => Object.keys(option.shape)[0]).join(', ');
  if (inner === undefined || best?.some(({ code }) => code === 'unrecognized_keys'))
    return { path: issue.path, message: `${place(issue.path)} is none of the conditions: ${kinds}.` };
  return { path: [...issue.path, ...inner.path], message: `${place([...issue.path, ...inner.path])} ${wrong(inner)}.` };
}

function unknownKeys(issues: readonly z.core.$ZodIssue[]): number {
  return issues.filter(({ code }) => code === 'unrecognized_keys').length;
}

function crossCheck({ objectives, passPoints }: Scenario): readonly Flaw[] {
  const seen = new Set<string>();
  const flaws: Flaw[] = [];
  for (const [index, objective] of objectives.entries()) {
    if (seen.has(objective.id)) flaws.push({ path: ['objectives', index, 'id'], message: `Two objectives are called ${objective.id}.` });
    seen.add(objective.id);
  }
  const all = objectives.reduce((sum, { points }) => sum + points, 0);
  if (passPoints !== undefined && passPoints > all) flaws.push({ path: ['passPoints'], message: `There are only ${all} points to reach.` });
  return flaws;
}

function place(path: Path): string {
  return path.length === 0 ? 'The drill' : `"${path.map(String).join('.')}"`;
}

/** Where the value at `path` stands, or the nearest thing around it that exists. */
function offsetOf(doc: Document, path: Path): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = doc.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent) ? parent.items.find((each) => isNode(each.key) && String(each.key) === String(path[depth - 1])) : undefined;
    const node = pair === undefined ? doc.getIn(path.slice(0, depth), true) : isNode(pair.value) && pair.value.range?.[0] !== pair.value.range?.[1] ? pair.value : pair.key;
    if (isNode(node) && node.range) return node.range[0];
  }
  return isNode(doc.contents) ? (doc.contents.range?.[0] ?? 0) : 0;
}

// The runbook language: every field a procedure may have. Pure; also published as JSON Schema.
import { z } from 'zod';

/** Names become keys of plain objects: one that every object has already would always seem to be there. */
const unused = [(name: string) => !(name in Object.prototype), 'it must not be a name every JavaScript object has'] as const;
const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'it must be lower-case letters, digits and dashes, at most 40, starting with a letter')
  .refine(...unused);
const factName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'it must be a camelCase name')
  .refine(...unused);
const written = z.string().regex(/\S/, 'it must not be empty');
const text = z.strictObject(
  { en: written, zh: written },
  { error: (issue) => (issue.code === 'invalid_type' ? 'it must be a text in both languages, {en: …, zh: …}' : undefined) },
);
const operation = z.string().regex(/^[a-z]+\.[a-z][A-Za-z0-9]*$/, 'it must be product.camelCase');
/** A literal, or `$fact` / `$fact.field` for a recorded value. */
const value = z.union([z.string(), z.number(), z.boolean()]);
const args = z.record(factName, value);

const formats = ['line', 'text', 'access-key-id', 'account-id', 'user-name', 'region', 'instance-id', 'time', 'list', 'networks', 'days'] as const;
export type Format = (typeof formats)[number];

export const Input = z.strictObject({
  title: text,
  format: z.enum(formats).default('line'),
  choices: z.record(id, text).optional(),
  /** `$operator`, `$now` or a literal. With it the input is proposed and editable; without it, required. */
  propose: z.string().optional(),
  example: z.string().min(1),
});
export type Input = z.infer<typeof Input>;

const common = {
  id,
  phase: id,
  title: text,
  /** Why this step, what is known, what is not: short sentences for a tired person. `{fact}` is filled in. */
  text,
  /** Jobs that must have ended before this step begins. */
  needs: z.array(id).default([]),
  /** Where a skip leads; default: the step's worst outcome. `false`: it can not be skipped. */
  skip: z.union([id, z.literal(false)]).optional(),
  /** Once for a case and its child cases: a child leaves it out, as if skipped. */
  once: z.literal(true).optional(),
};

const target = id;
const anyOutcome = z.strictObject({ all: target, some: target, none: target });
/** With `background: true` exactly `started`, else exactly the others: `crossCheck` sees to it. */
const started = { started: target.optional() };

const AskStep = z.strictObject({
  ...common,
  kind: z.literal('ask'),
  fact: factName,
  format: z.enum(formats).default('line'),
  choices: z.record(id, text).optional(),
  propose: z.string().optional(),
  example: z.string().optional(),
  on: z.strictObject({ answered: target }),
});

const Choice = z.strictObject({
  label: text,
  note: text.optional(),
  /** Offered only when the job ended so; otherwise shown with the reason why not. */
  when: z.strictObject({ job: id, is: z.array(id).min(1) }).optional(),
  /** Offered only when this fact has a value: not missing, not empty. */
  has: factName.optional(),
});

const DecideStep = z.strictObject({
  ...common,
  kind: z.literal('decide'),
  choices: z.record(id, Choice),
  on: z.record(id, target),
});

const ApproveStep = z.strictObject({
  ...common,
  kind: z.literal('approve'),
  /** The act step whose batch is frozen and approved here. */
  act: id.optional(),
  /** Confirms one fact, typed back as its last six characters. */
  confirm: factName.optional(),
  verb: z
    .string()
    .regex(/^[a-z]{2,8}$/, 'it must be one lower-case word of 2 to 8 letters')
    .default('do'),
  on: z.strictObject({ approved: target, declined: target }),
});

const ActStep = z.strictObject({
  ...common,
  kind: z.literal('act'),
  use: operation,
  with: args.default({}),
  /** The fact that holds the targets. */
  over: factName,
  on: anyOutcome,
});

const CollectStep = z.strictObject({
  ...common,
  kind: z.literal('collect'),
  use: operation,
  with: args.default({}),
  over: factName.optional(),
  background: z.boolean().default(false),
  on: z.strictObject({ ...anyOutcome.partial().shape, ...started }),
});

const WatchStep = z.strictObject({
  ...common,
  kind: z.literal('watch'),
  use: operation,
  with: args.default({}),
  background: z.boolean().default(false),
  on: z.strictObject({ quiet: target.optional(), active: target.optional(), unverified: target.optional(), ...started }),
});

const ManualStep = z.strictObject({ ...common, kind: z.literal('manual'), on: z.strictObject({ done: target, failed: target }) });

const NotifyStep = z.strictObject({
  ...common,
  kind: z.literal('notify'),
  who: text,
  /** Roles of firebreak.yaml whose contacts are shown; without it, everybody's. */
  roles: z.array(id).min(1).optional(),
  /** The text to send, ready to copy. */
  message: text,
  on: z.strictObject({ done: target, failed: target }),
});

const ReviewStep = z.strictObject({ ...common, kind: z.literal('review'), fact: factName, example: z.string(), on: z.strictObject({ done: target }) });

/** Opens another runbook as a child case; the parent waits until it is closed. */
const CaseStep = z.strictObject({
  ...common,
  kind: z.literal('case'),
  runbook: id,
  with: args.default({}),
  on: z.strictObject({ closed: target, aborted: target }),
});

const EndStep = z.strictObject({
  id,
  phase: id,
  kind: z.literal('end'),
  title: text,
  text,
  needs: z.array(id).default([]),
  /** How the case ended, in one word: `contained`, `false-alarm`. */
  as: id,
});

export const Step = z.discriminatedUnion('kind', [AskStep, DecideStep, ApproveStep, ActStep, CollectStep, WatchStep, ManualStep, NotifyStep, ReviewStep, CaseStep, EndStep]);
export type Step = z.infer<typeof Step>;
export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

export const Runbook = z.strictObject({
  id,
  version: z.number().int().min(1),
  title: text,
  summary: text,
  owners: z.array(z.string().min(1)).min(1),
  reviewed: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'it must be a date, YYYY-MM-DD'),
  threat: text,
  attack: z.array(z.string().regex(/^T\d{4}(\.\d{3})?$/, 'it must be an ATT&CK technique id, T1078 or T1078.004')).min(1),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  phases: z.array(z.strictObject({ id, title: text })).min(1),
  inputs: z.record(factName, Input),
  /** The step where the cut is approved: `!` goes there. */
  cut: id.optional(),
  /** The drill to begin with; default: the first by name. */
  drill: id.optional(),
  steps: z.array(Step).min(2).max(300),
});
export type Runbook = z.infer<typeof Runbook>;

// Performs collections and watches: slice after slice, each on record before the next. Touches the world only through ports.
import type { Collector, Slice, Target } from '../actions/define.ts';
import type { Draft } from '../casefile/entry.ts';
import type { StepOf } from '../runbook/schema.ts';
import type { Json, JsonObject, Text } from '../text.ts';
import { resolveArgs } from './facts.ts';
import { contextOf, explain, readerFor, record, type Run } from './run.ts';
import { targetsOf, visitOf, type Frame, type Job } from './frame.ts';

type CollectLike = StepOf<'collect'> | StepOf<'watch'>;
/** What a performed step leaves: it moved on, it waits for a person, or nothing happens before a time. */
export type Progress = { readonly kind: 'moved' } | { readonly kind: 'pending' } | { readonly kind: 'wait'; readonly until: string } | { readonly kind: 'budget' };

const moved: Progress = { kind: 'moved' };

/** One slice of a job. `wait` when its next one is due later. */
export async function advanceJob(run: Run, frame: Frame, job: Job): Promise<Progress> {
  const step = frame.steps.get(job.job) as CollectLike;
  const slice = await sliceOf(run, frame, step, job.cursor);
  if (slice.cursor !== undefined) {
    await record(run, frame, advanced(job.job, slice));
    return slice.waitUntil === undefined ? moved : { kind: 'wait', until: slice.waitUntil };
  }
  if (slice.outcome === 'none' && slice.refused) {
    await record(run, frame, { type: 'job.failed', job: job.job, code: slice.refused.code, message: explain(slice.refused) });
    return { kind: 'pending' };
  }
  await record(run, frame, {
    type: 'job.finished',
    job: job.job,
    outcome: slice.outcome ?? fallback(step),
    ...learned(slice),
    ...(slice.progress ? { progress: slice.progress } : {}),
  });
  return moved;
}

/** A foreground collection or watch: goes on from its last slice. */
export async function performCollect(run: Run, frame: Frame, step: CollectLike, budget: () => boolean): Promise<Progress> {
  if (step.kind === 'collect' && step.over !== undefined) return collectOver(run, frame, step, step.over);
  for (;;) {
    const slice = await sliceOf(run, frame, step, frame.work.cursor);
    if (slice.cursor === undefined) {
      if (slice.outcome === 'none' && slice.refused) {
        await record(run, frame, { type: 'step.failed', step: step.id, visit: visitOf(frame), code: slice.refused.code, message: explain(slice.refused) });
        return { kind: 'pending' };
      }
      await record(run, frame, { type: 'step.finished', step: step.id, visit: visitOf(frame), outcome: slice.outcome ?? fallback(step), ...learned(slice) });
      return moved;
    }
    await record(run, frame, advanced(step.id, slice));
    if (slice.waitUntil !== undefined) return { kind: 'wait', until: slice.waitUntil };
    if (!budget()) return { kind: 'budget' };
  }
}

/** What a collector that names no outcome has reached. */
function fallback(step: CollectLike): string {
  return step.kind === 'watch' ? 'unverified' : 'all';
}

async function sliceOf(run: Run, frame: Frame, step: CollectLike, cursor: Json | undefined, target?: Target): Promise<Slice> {
  const collector = run.operations[step.use] as Collector;
  const input = collector.input.safeParse(resolveArgs(step.with, frame.facts));
  if (!input.success) {
    // What an earlier step could not find out is missing here: a state of the case, not a bug.
    const missing = input.error.issues.map(({ path }) => path.join('.')).join(', ');
    return { outcome: 'none', refused: { ok: false, refusal: 'invalid', code: 'E_INPUT', message: `not known yet: ${missing}`, retries: 0 } };
  }
  return collector.slice(readerFor(run, frame, step.id), contextOf(run, frame, input.data as JsonObject), cursor, target);
}

/** Seals each target's set. Held-back targets too: a person may still tick them. */
async function collectOver(run: Run, frame: Frame, step: StepOf<'collect'>, over: string): Promise<Progress> {
  const collector = run.operations[step.use] as Collector;
  const visit = visitOf(frame);
  const targets = targetsOf(frame, over).filter((target) => frame.work.targets[target.id] === undefined);
  await eachOf(targets, 6, async (target) => {
    const slice = await sliceOf(run, frame, step, undefined, target as unknown as Target);
    const partial = slice.outcome === 'some';
    const failed = partial || slice.outcome === 'none';
    const note = slice.refused ? (partial ? missingOf(slice.facts) : explain(slice.refused)) : undefined;
    await record(run, frame, {
      type: 'target.settled',
      step: step.id,
      visit,
      target: target.id,
      status: failed ? 'failed' : 'sealed',
      ...(failed || collector.seals === undefined ? {} : { seals: collector.seals }),
      ...(slice.facts === undefined ? {} : { facts: slice.facts }),
      ...(note === undefined ? {} : { note }),
      ...(partial ? { partial } : {}),
    });
  });
  const all = targetsOf(frame, over);
  const notLooked = notGiven(frame);
  // What is held back is not acted on: ticked later, it is held for its missing evidence.
  const failed = all.filter(({ id, held }) => held === undefined && frame.work.targets[id]?.status === 'failed').map(({ id }) => id);
  if (failed.length > 0) {
    const why = frame.work.targets[failed[0] as string]?.note;
    const partly = failed.filter((id) => frame.work.targets[id]?.partial === true).length;
    const waives = {
      en: partly === 0 ? '' : ` Of ${partly} only a part is missing: "go-on" waives that part, on record.`,
      zh: partly === 0 ? '' : ` 其中 ${partly} 个只缺一部分：选 go-on 即豁免该部分，并记录在案。`,
    };
    const message = {
      en: `${failed.length} of ${all.length} could not be kept as evidence. ${String(why?.['en'] ?? '')}${waives.en}`,
      zh: `${all.length} 个中有 ${failed.length} 个未能保全证据。${String(why?.['zh'] ?? '')}${waives.zh}`,
    };
    await record(run, frame, { type: 'step.failed', step: step.id, visit, code: 'E_EVIDENCE', message, targets: failed });
    return { kind: 'pending' };
  }
  await record(run, frame, {
    type: 'step.finished',
    step: step.id,
    visit,
    outcome: all.length === 0 ? 'none' : 'all',
    ...(notLooked.length === 0 ? {} : { coverage: { notLooked } }),
  });
  return moved;
}

/** What could not be had of one target, in one sentence after the other. */
function missingOf(facts: JsonObject | undefined): Text {
  const parts = (facts?.['notGiven'] ?? []) as readonly Text[];
  return { en: parts.map(({ en }) => en).join(' '), zh: parts.map(({ zh }) => zh).join('') };
}

/** What the cloud would not give, each once with for how many targets: part of the coverage (law 7). */
export function notGiven(frame: Frame): readonly JsonObject[] {
  const missing = Object.values(frame.work.targets).flatMap(({ facts }) => (facts?.['notGiven'] ?? []) as readonly JsonObject[]);
  return [...Map.groupBy(missing, ({ en }) => en).values()].map((same) => ({
    en: `${String(same[0]?.['en'])} (${same.length})`,
    zh: `${String(same[0]?.['zh'])}（${same.length}）`,
  }));
}

function advanced(job: string, slice: Slice): Draft {
  return {
    type: 'job.advanced',
    job,
    cursor: slice.cursor ?? null,
    ...(slice.waitUntil === undefined ? {} : { waitUntil: slice.waitUntil }),
    ...(slice.progress === undefined ? {} : { progress: slice.progress }),
    ...learned(slice),
  };
}

function learned(slice: Slice): { facts?: JsonObject; findings?: readonly Json[]; coverage?: Json } {
  return {
    ...(slice.facts === undefined ? {} : { facts: slice.facts }),
    ...(slice.findings === undefined || slice.findings.length === 0 ? {} : { findings: slice.findings }),
    ...(slice.coverage === undefined ? {} : { coverage: slice.coverage }),
  };
}

/** Runs `work` over the items, at most `width` at a time; the first failure stops new ones and is thrown. */
export async function eachOf<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lanes = Array.from({ length: Math.min(width, items.length) }, async () => {
    for (const item of queue) await work(item);
  });
  const results = await Promise.allSettled(lanes);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

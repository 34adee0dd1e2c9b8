// What goes on around a question: the engine at work behind a busy screen, the jobs between a key press and the next. No screens of its own.
import { advanceJobs, drive, type Stop } from '../engine/drive.ts';
import { neededJobs, pendingOf } from '../engine/pending.ts';
import { current, type RunState } from '../engine/frame.ts';
import { renderWitness } from '../casefile/witness.ts';
import { Fault } from '../errors.ts';
import { frameOf } from './screen.ts';
import { busySheet } from './screen-pages.ts';
import type { View } from './screen-status.ts';
import { driving, type Session } from './session.ts';
import type { Frame, Size, Terminal } from './terminal.ts';
import { wordsOf, type Words } from './words.ts';

/** One walk through a case. What changes: what is said once, what was looked at, where the person wants to go. */
export type Walk = {
  readonly session: Session;
  readonly terminal: Terminal;
  readonly words: Words;
  notice: string | undefined;
  /** Findings looked at. */
  seen: number;
  /** Entries of the trail whose witness lines were left. */
  witnessed: number;
  /** Goes past what may be passed until the cut is approved or declined. */
  toCut: boolean;
  /** On the way to `false-alarm`. */
  toFalseAlarm: boolean;
  /** Waits for this watch without asking again. */
  waiting: string | undefined;
  /** Jumps the clock from look to look until this watch ends (drills). */
  jumping: string | undefined;
};

const pollMs = 1000;
/** Long enough for another terminal, which looks every 20 ms, to take the drive lock between two slices. */
const yieldMs = 60;
/** One stretch of work before jobs and the person get their turn, host milliseconds. */
const stretchMs = 3_000;
/** An effect under way is read again after this much scenario time. */
const lookAgainMs = 5_000;

export function viewOf({ session, notice, seen }: Walk): View {
  const { run, store, clock, scenario, range, shell } = session;
  return {
    state: run.state,
    entries: store.entries(),
    operations: run.operations,
    lang: shell.lang,
    now: clock.now().toISOString(),
    seen,
    ...(notice === undefined ? {} : { notice }),
    ...(scenario === undefined ? {} : { brief: scenario.brief[shell.lang] }),
    ...(range === undefined ? {} : { jumps: true }),
  };
}

/** Does `work` under the drive lock behind a busy screen, then leaves the witness lines it brought. Another terminal at work is waited for. */
export async function working<T>(walk: Walk, work: () => Promise<T>): Promise<T> {
  const { session, terminal } = walk;
  const from = session.store.entries().length;
  const done = terminal.busy(busyFrame(walk, from));
  try {
    for (;;) {
      try {
        return await driving(session, work);
      } catch (cause) {
        if (!(cause instanceof Fault && cause.code === 'E_BUSY')) throw cause;
        walk.notice = walk.words.busyElsewhere;
        await session.shell.host.hostSleep(pollMs, session.shell.signal);
      }
    }
  } finally {
    done();
    leaveWitnesses(walk);
  }
}

function busyFrame(walk: Walk, from: number, title?: string): (size: Size) => Frame {
  return (size) => {
    const view = viewOf(walk);
    return frameOf(view, busySheet(view, from, title), size);
  };
}

/** Witness lines go where they can be copied. */
function leaveWitnesses(walk: Walk): void {
  const { session, terminal, words } = walk;
  const entries = session.store.entries();
  for (const entry of entries.slice(walk.witnessed)) {
    if (entry.type === 'witness.given') terminal.leave(`${words.witness(entry.why)} ${renderWitness(session.store.id, entry.bytes, entry.sha256)}`);
  }
  walk.witnessed = entries.length;
}

/** Drives to the next question. An effect under way, or a job everything waits for, does not hold the keyboard: both go on between the keys. */
export async function advance({ session }: Walk): Promise<Stop> {
  const { host } = session.shell;
  const until = host.now().getTime() + stretchMs;
  const { run } = session;
  const stop = await drive(run, { budget: () => host.now().getTime() < until && jobInTheWay(run.state) === undefined });
  if (stop.state !== 'closed') await advanceJobs(run);
  return stop;
}

/** When to read again what a sent act has done; undefined while there is something to send. */
export function lookAgainAt({ session }: Walk): string | undefined {
  const { state } = session.run;
  const { step, work } = current(state);
  const sent = step.kind === 'act' && work.plan !== undefined && work.plan.every(({ call }) => work.calls[call] !== undefined);
  return sent && state.closed === undefined ? new Date(session.clock.now().getTime() + lookAgainMs).toISOString() : undefined;
}

/** The running job the current step waits for. */
export function jobInTheWay(state: RunState): string | undefined {
  if (state.closed) return undefined;
  return neededJobs(current(state)).find(({ status }) => status === 'running')?.job;
}

/**
 * Asks while the jobs go on slice by slice; the drive lock is free in between. `signal` drops the question when it is no longer the one
 * that waits: another terminal answered, a watch ended, or `until` has come.
 */
export async function asking<T>(walk: Walk, until: string | undefined, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { session } = walk;
  const dropped = new AbortController();
  const answered = new AbortController();
  const from = session.store.entries().length;
  const jobs = advanceBetween(session, walk.terminal, { dropped, answered: answered.signal, until });
  try {
    return await ask(dropped.signal);
  } finally {
    answered.abort();
    await finishing(walk, jobs);
    if (dropped.signal.aborted) walk.notice = newsSince(walk, from) ?? walk.notice;
  }
}

/** The slice under way ends before anything else begins; a long one is shown. */
async function finishing(walk: Walk, jobs: Promise<void>): Promise<void> {
  const done = walk.terminal.busy(busyFrame(walk, walk.session.store.entries().length, walk.words.finishing));
  try {
    await jobs;
  } finally {
    done();
  }
}

type Between = { readonly dropped: AbortController; readonly answered: AbortSignal; readonly until: string | undefined };

async function advanceBetween(session: Session, terminal: Terminal, { dropped, answered, until }: Between): Promise<void> {
  const { run, shell, clock } = session;
  const shown = questionIn(run.state);
  // The question is painted before anything else asks for the machine.
  await pause(session, 50, answered);
  while (!answered.aborted) {
    let moved = false;
    try {
      moved = await driving(session, () => advanceJobs(run));
    } catch (cause) {
      if (!(cause instanceof Fault && cause.code === 'E_BUSY')) {
        dropped.abort();
        throw cause;
      }
    }
    if (shell.signal.aborted) return;
    if (questionIn(run.state) !== shown || (until !== undefined && clock.now().getTime() >= Date.parse(until))) {
      dropped.abort();
      return;
    }
    terminal.refresh();
    await pause(session, moved ? yieldMs : pollMs, answered);
  }
}

async function pause({ shell }: Session, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await shell.host.hostSleep(ms, signal);
  } catch {
    // Answered: there is nothing left to wait for.
  }
}

/** What makes a question this one and no other. The time of a watch's next look does not. */
function questionIn(state: RunState): string {
  const pending = pendingOf(state);
  return JSON.stringify([state.closed !== undefined, state.frames.length, pending?.step, pending?.visit, pending?.kind, pending?.expects?.text, pending?.said, jobInTheWay(state)]);
}

/** What another terminal did from this entry on, while this one only asked; undefined when nobody else did anything. */
export function newsSince({ session, words }: Walk, from: number): string | undefined {
  const entries = session.store.entries().slice(from);
  const answer = entries.findLast((entry) => entry.type === 'answer.given');
  if (answer?.type === 'answer.given') return words.answeredBy(answer.by, answer.step, answer.value.slice(0, 60));
  return entries.some((entry) => entry.type === 'step.jumped' || entry.type === 'waiver.given' || (entry.type === 'step.finished' && entry.by !== undefined))
    ? words.movedOn
    : undefined;
}

export function wordsFor(session: Session): Words {
  return wordsOf(session.shell.lang);
}

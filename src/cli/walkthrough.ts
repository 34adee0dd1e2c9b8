// The walk through a case at a terminal: drive, show what waits, take the reply, again. The lock is held only while the engine works.
import { Fault } from '../errors.ts';
import { conclude, giveInputs } from './play.ts';
import { pause, type Session } from './session.ts';
import { askNext } from './walkthrough-ask.ts';
import { advance, newsSince, wordsFor, working, type Walk } from './walkthrough-work.ts';

/**
 * Walks a person through the case until it is closed or left. Returns the exit status.
 *
 * @throws Fault E_INTERRUPTED on Ctrl-C or when the terminal goes away; everything up to then is on record.
 */
export async function walkthrough(session: Session, inputs: readonly string[]): Promise<number> {
  const { run, store, shell } = session;
  const terminal = await shell.terminal();
  const walk: Walk = {
    session,
    terminal,
    words: wordsFor(session),
    notice: undefined,
    seen: run.state.findings.length,
    witnessed: store.entries().length,
    toCut: false,
    toFalseAlarm: false,
    waiting: undefined,
    jumping: undefined,
  };
  try {
    await working(walk, () => giveInputs(session, inputs, false));
    await walkOn(walk);
  } catch (cause) {
    await pauseQuietly(session);
    if (shell.signal.aborted || (cause instanceof Fault && cause.code === 'E_INTERRUPTED')) {
      throw new Fault('E_INTERRUPTED', 'Stopped. Everything up to here is on record.', { hint: walk.words.resume(store.id, shell.vaultFlag ?? ''), cause });
    }
    throw cause;
  } finally {
    terminal.close();
  }
  return conclude(session);
}

async function walkOn(walk: Walk): Promise<void> {
  const { session } = walk;
  for (;;) {
    const stop = await working(walk, () => advance(walk));
    if (stop.state === 'closed') return;
    const move = await askNext(walk, stop);
    if (move === 'quit') {
      await working(walk, () => pause(session, 'left'));
      return;
    }
    if (move !== 'again') await make(walk, move);
  }
}

/** What the engine refuses moved nothing: the person reads why and what waits now. */
async function make(walk: Walk, move: () => Promise<void>): Promise<void> {
  const from = walk.session.store.entries().length;
  const refusals: readonly string[] = ['E_STALE', 'E_VALUE', 'E_GUARD', 'E_INPUT', 'E_CASE_CLOSED'];
  try {
    await working(walk, move);
  } catch (cause) {
    if (!(cause instanceof Fault) || !refusals.includes(cause.code)) throw cause;
    walk.toCut = false;
    walk.toFalseAlarm = false;
    walk.notice = newsSince(walk, from) ?? walk.words.refused(cause.message);
  }
}

/** A pause that can not be recorded changes nothing: the trail ends at its last durable entry. */
async function pauseQuietly(session: Session): Promise<void> {
  try {
    await pause(session, 'interrupted');
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
  }
}

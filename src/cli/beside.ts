// What a second terminal adds to a case while the first walks: no cloud, no simulated account, no drive lock; only the trail's own.
import type { Draft, Entry } from '../casefile/entry.ts';
import type { CaseStore } from '../engine/ports.ts';
import { Fault } from '../errors.ts';
import { clip, type JsonObject } from '../text.ts';
import { expectOriginal, readState } from './library.ts';
import { lastTimeOf } from './opening.ts';
import { openLinked, openPlaceOf } from './linked.ts';
import type { Shell } from './shell.ts';
import { statusOf } from './status.ts';

/** The case as a second terminal has it. `now` is the time an entry would bear: a drill's own clock runs elsewhere. */
export type Beside = { readonly store: CaseStore; now(): string };

/** What to say of a recorded entry, and what it adds to the status document. */
export type Done = { readonly text: string; readonly fields?: JsonObject };

/** `linked`: what is closed is followed by a case of its own, opened when none is open yet. */
export type Asked = { readonly id: string; readonly linked: boolean };

/**
 * Records what `work` gives and prints the case, `done` and the witness line; with --json the status document.
 *
 * @throws Fault E_CASE_CLOSED when the case is over, E_CASE_UNKNOWN for a copy; nothing is recorded then.
 */
export async function appendBeside(shell: Shell, ask: Asked, work: (beside: Beside) => Promise<Draft>, done: (entry: Entry) => Done): Promise<void> {
  const id = ask.linked ? ((await openPlaceOf(shell, ask.id)) ?? (await openLinked(shell, ask.id))) : ask.id;
  await recordBeside(shell, id, work, async (entry, store) => {
    const { text, fields } = done(entry);
    if (shell.json) shell.out(JSON.stringify({ ...statusOf((await readState(store)).state, store.witness(), shell.lang), ...fields }));
    else shell.out([`case: ${id}`, text, `${shell.lang === 'zh' ? '见证' : 'witness'}: ${store.witness()}`].join('\n'));
  });
}

/** The same, printing nothing: `done` sees the entry while the store is still open. */
export async function recordBeside(shell: Shell, id: string, work: (beside: Beside) => Promise<Draft>, done: (entry: Entry, store: CaseStore) => Promise<void>): Promise<void> {
  const time = (known: readonly Entry[] = []): Date => lastTimeOf(known) ?? shell.host.now();
  const store = await shell.openCase(id, { now: time });
  try {
    expectOriginal(store);
    expectOpen(store);
    const draft = await work({ store, now: () => time(store.entries()).toISOString() });
    const [entry] = await store.append(draft);
    await done(entry as Entry, store);
  } finally {
    await store.close();
  }
}

/** Asked before any work is done: the store itself refuses too, should the case end meanwhile. */
function expectOpen(store: CaseStore): void {
  if (store.entries().at(-1)?.type === 'case.closed')
    throw new Fault('E_CASE_CLOSED', `Case ${store.id} is closed: nothing can follow. Nothing was recorded.`, {
      hint: 'A closed case stays as it is. Open a new case for what follows. The same command with --linked does, and says which.',
    });
}

/**
 * What a person wrote, without the blanks around it.
 *
 * @param most characters, 1 or more. `lines`: line breaks are welcome.
 * @throws Fault E_VALUE for an empty or too long one, or one with control characters.
 */
export function expectText(text: string, what: string, { most, lines = false }: { readonly most: number; readonly lines?: boolean }): string {
  const kept = text.trim();
  const refuse = (why: string, hint: string): never => {
    throw new Fault('E_VALUE', `${what} ${why}. Nothing was recorded.`, { hint });
  };
  if (kept === '') return refuse('is empty', 'Write what should be remembered.');
  const length = Array.from(kept).length;
  if (length > most) return refuse(`has ${length} characters; ${most} are kept at most`, 'Shorten it, or attach it as a file: firebreak attach CASE FILE');
  const [control] = (lines ? kept.replaceAll('\n', ' ') : kept).match(/\p{Cc}/u) ?? [];
  if (control === undefined) return kept;
  const found = `U+${control.codePointAt(0)?.toString(16).padStart(4, '0').toUpperCase()}`;
  return refuse(`holds a control character (${found}) in "${clip(kept, 40)}"`, lines ? 'Only line breaks may stand between the words.' : 'Give it on one line of plain text.');
}

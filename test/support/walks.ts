// A walk through a case in memory: the walkthrough itself on a toy account, a person made of replies, no disk and no terminal.
import { stringify } from 'yaml';
import { walkthrough } from '../../src/cli/walkthrough.ts';
import type { Session } from '../../src/cli/session.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { Run } from '../../src/engine/run.ts';
import type { Lang } from '../../src/text.ts';
import { aTerminal, type Act, type FakeTerminal } from './terminal.ts';
import { aRun, type World } from './world.ts';

export type Walked = { readonly exit: number; readonly terminal: FakeTerminal; readonly run: Run; readonly said: readonly string[] };

export type WalkOptions = {
  readonly lang?: Lang;
  readonly inputs?: readonly string[];
  readonly signal?: AbortSignal;
  readonly session?: Partial<Session>;
  readonly terminal?: FakeTerminal;
};

/** A session over a world in memory. Its shell writes nowhere and knows a person called "tester". */
export function aSession(
  world: World,
  terminal: FakeTerminal,
  { lang = 'en', signal = new AbortController().signal, session = {} }: WalkOptions = {},
): Session & { readonly said: string[] } {
  // A case carries its own runbook: the report reads it back.
  world.disk.objects.set('root', Buffer.from(stringify(world.runbook), 'utf8'));
  const run = aRun(world, undefined, signal);
  const said: string[] = [];
  const shell = {
    lang,
    by: 'tester',
    json: false,
    host: { ...world.clock, hostSleep: breathe },
    signal,
    out: (text: string) => void said.push(text),
    read: async () => Promise.resolve(undefined),
    write: async () => Promise.resolve(),
    terminal: async () => Promise.resolve(terminal),
  } as Partial<Shell> as Shell;
  const plain: Session = { shell, run, store: run.ports.store, clock: world.clock, library: new Map([['root', world.runbook]]), close: async () => Promise.resolve() };
  return Object.assign(plain, session, { said });
}

/** A host's sleep that lasts no time but lets everything else have its turn. */
async function breathe(_ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  signal?.throwIfAborted();
}

/** Walks with these replies; a walk that needs more fails. */
export async function walk(world: World, acts: Iterable<Act> | (() => Iterator<Act>), options: WalkOptions = {}): Promise<Walked> {
  const terminal = options.terminal ?? aTerminal(acts);
  const session = aSession(world, terminal, options);
  const exit = await walkthrough(session, options.inputs ?? []);
  return { exit, terminal, run: session.run, said: session.said };
}

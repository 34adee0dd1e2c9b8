// A Terminal port that plays a person: replies in order, each seen against the screen it answers. Keeps every screen.
import type { Frame, Prompt, Reply, Size, Terminal, Typing } from '../../src/cli/terminal.ts';

const nothing: Typing = { line: '', cursor: 0, picked: -1, error: undefined };

/**
 * What a person does at one screen: types a line, picks a choice by its value, or presses a key (`{key}`).
 * A function looks at the screen first; `undefined` waits until the question is dropped.
 */
export type Act = string | { readonly key: string } | ((screen: string, prompt: Prompt) => string | { readonly key: string } | undefined);

export type FakeTerminal = Terminal & {
  /** The text of every screen asked on, in order; a refused reply shows once more with the reason. */
  readonly screens: string[];
  readonly frames: Frame[];
  readonly left: string[];
  readonly busied: string[];
  closed: boolean;
};

export function aTerminal(acts: Iterable<Act> | (() => Iterator<Act>), options: { readonly size?: Size } = {}): FakeTerminal {
  const { size = { columns: 80, rows: 24 } } = options;
  const script = typeof acts === 'function' ? acts() : acts[Symbol.iterator]();
  const frames: Frame[] = [];
  const screens: string[] = [];
  const keep = (prompt: Prompt, typing: Typing): string => {
    const frame = prompt.render(size, typing);
    frames.push(frame);
    screens.push(textOf(frame));
    return textOf(frame);
  };
  const fake: FakeTerminal = {
    screens,
    frames,
    left: [],
    busied: [],
    closed: false,
    async prompt(prompt) {
      let screen = keep(prompt, nothing);
      for (;;) {
        // A person is never faster than what goes on in between.
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (prompt.signal?.aborted === true) return { kind: 'dropped' };
        const next = script.next();
        if (next.done === true) throw new Error(`Nobody is left to answer this screen:\n${screen}`);
        const act = typeof next.value === 'function' ? next.value(screen, prompt) : next.value;
        if (act === undefined) return await dropped(prompt);
        const reply = replyOf(prompt, act);
        if (typeof reply !== 'string') return reply;
        screen = keep(prompt, { ...nothing, line: typeof act === 'string' ? act : '', error: reply });
      }
    },
    refresh: () => undefined,
    busy(render) {
      fake.busied.push(textOf(render(size)));
      return () => undefined;
    },
    leave: (text) => void fake.left.push(text),
    close: () => {
      fake.closed = true;
    },
  };
  return fake;
}

function dropped({ signal }: Prompt): Promise<Reply> {
  return new Promise((resolve) => {
    const done = (): void => resolve({ kind: 'dropped' });
    if (signal?.aborted === true) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}

/** The reply, or why there is none: the same rules as the real adapter's. */
function replyOf({ ask, keys }: Prompt, act: string | { readonly key: string }): Reply | string {
  if (typeof act !== 'string') {
    if (!keys.includes(act.key)) throw new Error(`The key ${act.key} is not offered; these are: ${keys.join(' ')}`);
    return { kind: 'key', key: act.key };
  }
  if (ask.kind === 'key') throw new Error(`A page takes keys only, not "${act}".`);
  if (ask.kind === 'choice') {
    const nth = ask.values.indexOf(act);
    return nth < 0 ? ask.unpicked : (ask.closed[nth] ?? { kind: 'value', value: act });
  }
  if (act === '' && ask.empty !== undefined) return { kind: 'value', value: ask.empty };
  return ask.check(act) ?? { kind: 'value', value: act };
}

export function textOf({ rows }: Frame): string {
  return rows.map(({ text }) => text).join('\n');
}

// The terminal of a walkthrough: owns the window and the keyboard from the first screen to the last. Knows no case.
import type { Readable, Writable } from 'node:stream';
import type { Frame, Prompt, Reply, Size, Terminal } from '../cli/terminal.ts';
import { Fault } from '../errors.ts';
import { openKeyboard } from './terminal/keyboard.ts';
import { openWindow } from './terminal/paint.ts';
import { openPlain } from './terminal/plain.ts';
import type { Stage } from './terminal/ask.ts';

export type TerminalOptions = {
  readonly input: Readable & { setRawMode?(on: boolean): unknown };
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted on an interruption from outside (a signal). */
  readonly signal: AbortSignal;
  /** Ctrl-C while the engine works, or the terminal went away. Default: SIGINT to this process, as the terminal itself would send it. */
  interrupt?(): void;
};

/** A screen that comes and goes within this time is not shown: it would only flicker. */
const flickerMs = 120;
const secondMs = 1000;

/** Opens the terminal; the prompts are loaded with the first question. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { input, output, env, signal, interrupt = () => void process.kill(process.pid, 'SIGINT') } = options;
  const interrupted = (cause: unknown): Fault => new Fault('E_INTERRUPTED', 'Stopped. Everything up to here is on record.', { cause });
  if (env['TERM'] === 'dumb') return openPlain({ input, output, signal, interrupted });

  const gone = new AbortController();
  const watchers = new Set<() => void>();
  let asking = false;
  let closed = false;
  // Every write to a terminal that is gone fails; the engine is interrupted once, so that the pause still gets on record.
  const lost = (): void => {
    if (gone.signal.aborted) return;
    gone.abort();
    if (!signal.aborted) interrupt();
  };
  // A second Ctrl-C ends the process at once: the terminal is given back before that.
  const stop = (): void => {
    if (signal.aborted) restore();
    interrupt();
  };
  const keyboard = openKeyboard(input, { interrupted: stop, lost, asking: () => asking });
  const window = openWindow(output, env['NO_COLOR'] === undefined || env['NO_COLOR'] === '');
  const redraw = (): void => {
    for (const watcher of watchers) watcher();
  };
  const resized = (): void => {
    window.forget();
    redraw();
  };
  const watch: Stage['watch'] = (watcher) => {
    watchers.add(watcher);
    const timer = setInterval(watcher, secondMs);
    return () => {
      clearInterval(timer);
      watchers.delete(watcher);
    };
  };
  const restore = (): void => {
    if (closed) return;
    closed = true;
    output.removeListener('resize', resized);
    process.removeListener('exit', restore);
    keyboard.close();
    if (!gone.signal.aborted) window.park();
  };
  output.on('resize', resized);
  output.on('error', lost);
  process.once('exit', restore);

  return {
    prompt: async (asked: Prompt): Promise<Reply> => {
      const { ask } = await import('./terminal/ask.ts');
      const signals = [signal, gone.signal, ...(asked.signal ? [asked.signal] : [])];
      asking = true;
      try {
        return await ask({ window, keyboard, watch, lost }, asked, AbortSignal.any(signals));
      } catch (cause) {
        if (signal.aborted || gone.signal.aborted) throw interrupted(cause);
        if (asked.signal?.aborted === true) return { kind: 'dropped' };
        if (cause instanceof Error && cause.name === 'ExitPromptError') throw interrupted(cause);
        throw cause;
      } finally {
        asking = false;
      }
    },
    refresh: redraw,
    busy: (render: (size: Size) => Frame) => {
      const draw = (): void => {
        if (!closed) window.paint(render(window.size()));
      };
      let unwatch = (): void => undefined;
      const timer = setTimeout(() => {
        draw();
        unwatch = watch(draw);
      }, flickerMs);
      return () => {
        clearTimeout(timer);
        unwatch();
      };
    },
    leave: (text) => (closed ? void output.write(`${text}\n`) : window.leave(text)),
    close: restore,
  };
}

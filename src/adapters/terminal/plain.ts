// A terminal that can only print lines (TERM=dumb): every screen is printed, every answer is one line. Knows no cursor.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Ask, Frame, Prompt, Reply, Size, Terminal, Typing } from '../../cli/terminal.ts';

/** Work that takes less is not mentioned. */
const worthSayingMs = 700;
const nothing: Typing = { line: '', cursor: 0, picked: -1, error: undefined };

type Options = { readonly input: Readable; readonly output: Writable & { readonly columns?: number }; interrupted(cause: unknown): Error; readonly signal: AbortSignal };

export function openPlain({ input, output, interrupted, signal }: Options): Terminal {
  const lines = createInterface({ input, terminal: false });
  const waiting: string[] = [];
  let take: ((line: string | undefined) => void) | undefined;
  lines.on('line', (line) => (take ? take(line) : waiting.push(line)));
  lines.on('close', () => take?.(undefined));
  const size = (): Size => ({ columns: Math.max(40, output.columns ?? 80), rows: 200 });
  /** The title of the page printed last: a wait that is taken up again says nothing twice. */
  let page = '';
  const print = ({ rows }: Frame, ask: Ask): void => {
    const title = titleIn(rows);
    if (ask.kind !== 'key' || title !== page) output.write(`${squeeze(rows.map(({ text }) => text))}\n`);
    page = title;
  };

  const readLine = (dropped: AbortSignal | undefined): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        take = undefined;
        reject(signal.aborted ? interrupted(signal.reason) : new Dropped());
      };
      take = (line) => {
        take = undefined;
        signal.removeEventListener('abort', stop);
        dropped?.removeEventListener('abort', stop);
        if (line === undefined) reject(interrupted('the end of input'));
        else resolve(line);
      };
      if (signal.aborted || dropped?.aborted === true) return stop();
      signal.addEventListener('abort', stop, { once: true });
      dropped?.addEventListener('abort', stop, { once: true });
    });

  const prompt = async (asked: Prompt): Promise<Reply> => {
    print(asked.render(size(), nothing), asked.ask);
    // What was typed before the question was seen does not answer it.
    waiting.length = 0;
    for (;;) {
      output.write('> ');
      let line: string | undefined;
      try {
        line = await readLine(asked.signal);
      } catch (cause) {
        if (cause instanceof Dropped) return { kind: 'dropped' };
        throw cause;
      }
      const reply = replyTo(asked.ask, asked.keys, (line ?? '').trim());
      if (typeof reply !== 'string') return reply;
      if (reply !== '') output.write(`  ${reply}\n`);
    }
  };

  return {
    prompt,
    refresh: () => undefined,
    busy: (render) => {
      const timer = setTimeout(() => output.write(`... ${titleIn(render(size()).rows)}\n`), worthSayingMs);
      return () => clearTimeout(timer);
    },
    leave: (text) => void output.write(`${text}\n`),
    close: () => lines.close(),
  };
}

class Dropped extends Error {}

/** The reply a line makes, or why it makes none. */
function replyTo(ask: Ask, keys: readonly string[], line: string): Reply | string {
  const letter = line.normalize('NFKC');
  if (keys.includes(letter)) return { kind: 'key', key: letter };
  if (line === '' && keys.includes('return')) return { kind: 'key', key: 'return' };
  if (ask.kind === 'key') return '';
  if (ask.kind === 'line') {
    if (line === '' && ask.empty !== undefined) return { kind: 'value', value: ask.empty };
    return ask.check(line) ?? { kind: 'value', value: line };
  }
  const nth = /^\d+$/.test(letter) ? Number(letter) - 1 : ask.values.indexOf(letter);
  const value = ask.values[nth];
  return value === undefined ? ask.unpicked : (ask.closed[nth] ?? { kind: 'value', value });
}

/** The fourth row: below the status and the rule. */
function titleIn(rows: Frame['rows']): string {
  return (rows[3]?.text ?? '').replaceAll(/\s{2,}/g, '  ');
}

/** No blank row twice, no empty place to type: a printed page has no fixed height, and the answer goes below it. */
function squeeze(rows: readonly string[]): string {
  const said = rows.filter((row) => row.trim() !== '>');
  return said.filter((row, nth) => row.trim() !== '' || said[nth - 1]?.trim() !== '').join('\n');
}

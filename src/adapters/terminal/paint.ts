// Puts frames on a real terminal: only rows that changed, the cursor where typing goes on. Knows escape codes, no questions.
import type { Writable } from 'node:stream';
import measure from 'fast-string-width';
import type { Frame, Row, Size } from '../../cli/terminal.ts';

export type Window = {
  size(): Size;
  paint(frame: Frame): void;
  /** Forgets what is on the screen: after a resize or a return from the background. */
  forget(): void;
  /** Scrolls lines out above the screen, so that they stay in the scrollback. */
  leave(text: string): void;
  /** Leaves the last frame readable, the cursor shown below it. */
  park(): void;
};

type Output = Writable & { readonly columns?: number; readonly rows?: number };

const esc = '\u001b[';
/** Pasted text comes marked as such. */
const [pasteOn, pasteOff] = [`${esc}?2004h`, `${esc}?2004l`];
const styles = { plain: '', mode: '', strong: '1', loss: '31', faint: '2' } as const;

/** Takes the window over: what was on it scrolls up and stays in the scrollback. */
export function openWindow(output: Output, colour: boolean): Window {
  let shown: readonly string[] = [];
  let last: Frame | undefined;
  const size = (): Size => ({ columns: Math.max(20, output.columns ?? 80), rows: Math.max(8, output.rows ?? 24) });
  const wipe = (): string => Array.from({ length: size().rows }, (_, nth) => `${at(nth)}${esc}K`).join('');
  output.write(`${'\n'.repeat(size().rows)}${pasteOn}`);

  const paint = (frame: Frame): void => {
    last = frame;
    const rows = frame.rows.map((row) => (colour ? styled(row) : row.text));
    const height = Math.max(rows.length, shown.length);
    let change = '';
    for (let nth = 0; nth < height; nth += 1) {
      const row = rows[nth] ?? '';
      if (row !== shown[nth]) change += `${at(nth)}${row}${esc}K`;
    }
    shown = rows;
    // One write: nothing in between is ever seen.
    output.write(`${esc}?25l${change}${frame.cursor ? `${at(frame.cursor.row, frame.cursor.column)}${esc}?25h` : ''}`);
  };

  return {
    size,
    paint,
    forget: () => {
      shown = [];
      output.write(wipe() + pasteOn);
    },
    leave: (text) => {
      const { columns, rows } = size();
      // Written over the top rows, then pushed out of the window: only this goes into the scrollback, a long line in one piece.
      for (const line of text.split('\n')) {
        const taken = Math.min(rows, Math.max(1, Math.ceil(measure(line) / columns)));
        const cleared = Array.from({ length: taken }, (_, nth) => `${at(nth)}${esc}K`).join('');
        output.write(`${cleared}${at(0)}${line}${at(rows - 1)}${'\n'.repeat(taken)}`);
      }
      shown = [];
      if (last) paint(last);
    },
    park: () => void output.write(`${at(Math.min(shown.length, size().rows) - 1)}\r\n${esc}0m${esc}?25h${pasteOff}`),
  };
}

function at(row: number, column = 0): string {
  return `${esc}${row + 1};${column + 1}H`;
}

/** LIVE is white on red, EXERCISE is inverse: both are words first. */
function styled({ text, tone }: Row): string {
  if (tone === 'mode') return text.replace(/^(LIVE|EXERCISE)/, (word) => `${esc}${word === 'LIVE' ? '1;97;41' : '1;7'}m${word}${esc}0m`);
  const style = styles[tone];
  return style === '' || text === '' ? text : `${esc}${style}m${text}${esc}0m`;
}

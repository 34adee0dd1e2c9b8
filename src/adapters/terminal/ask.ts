// One whole screen as one prompt of inquirer: it edits the line and decodes the keys, the frame is painted by the window. Loaded when first asked.
import { Writable } from 'node:stream';
import { createPrompt, useEffect, useKeypress, useRef, useState, type KeypressEvent } from '@inquirer/core';
import inquirer from 'inquirer';
import type { Ask, Prompt, Reply, Typing } from '../../cli/terminal.ts';
import type { Keyboard } from './keyboard.ts';
import type { Window } from './paint.ts';

export type Stage = {
  readonly window: Window;
  readonly keyboard: Keyboard;
  /** Calls `redraw` every second and whenever something changed; returns how to stop that. */
  watch(redraw: () => void): () => void;
  /** The line editor ended by itself: the end of input. */
  lost(): void;
};

type Question = { readonly message: string; readonly asked: Prompt; readonly stage: Stage };
/** What Node's readline has and its types hide. */
type Editor = {
  line: string;
  cursor: number;
  escapeCodeTimeout: number;
  write(text: string | null, key?: object): void;
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
};

const nothing: Typing = { line: '', cursor: 0, picked: -1, error: undefined };
const moves: Readonly<Record<string, number>> = { up: -1, down: 1 };

/** What a pasted line break becomes: an answer is one line. */
const lineBreak = ' / ';
/** An escape key is told from an escape sequence after this long: no key may wait longer than 50 ms. */
const escapeMs = 25;

const screen = createPrompt<Reply, Question>(({ asked, stage }, done) => {
  const [typing, type] = useState<Typing>(nothing);
  const [, redraw] = useState(0);
  const now = useRef(typing);
  const pasting = useRef(false);
  const show = (next: Typing): void => {
    now.current = next;
    type(next);
  };

  useEffect((rl) => {
    const editor = rl as unknown as Editor;
    editor.escapeCodeTimeout = escapeMs;
    if (asked.ask.kind === 'line' && asked.ask.initial !== undefined) {
      editor.write(asked.ask.initial);
      show({ ...nothing, line: editor.line, cursor: editor.cursor });
    }
    const suspend = (): void => {
      stage.window.park();
      stage.keyboard.suspend(() => {
        stage.window.forget();
        redraw((count) => count + 1);
      });
    };
    editor.on('close', stage.lost);
    editor.on('SIGTSTP', suspend);
    const unwatch = stage.watch(() => redraw((count) => count + 1));
    return () => {
      unwatch();
      editor.removeListener('close', stage.lost);
      editor.removeListener('SIGTSTP', suspend);
    };
  }, []);

  useKeypress((event, rl) => {
    const editor = rl as unknown as Editor;
    if (event.name === 'paste-start' || event.name === 'paste-end') pasting.current = event.name === 'paste-start';
    if (pasting.current) {
      if (asked.ask.kind === 'line') show(pasted(event, editor, now.current));
      return;
    }
    const next = asked.ask.kind === 'line' ? inLine(asked.ask, asked.keys, event, editor, now.current) : atOnce(asked.ask, asked.keys, event, now.current);
    if ('kind' in next) done(next);
    else show(next);
  });

  stage.window.paint(asked.render(stage.window.size(), typing));
  return '';
});

/** Pasted text is only text: its line breaks answer nothing, its letters press no key. */
function pasted(event: KeypressEvent, editor: Editor, typing: Typing): Typing {
  if (event.name === 'return' || event.name === 'enter') editor.write(`${typing.line}${lineBreak}`);
  return { ...typing, line: editor.line, cursor: editor.cursor, error: undefined };
}

function inLine(ask: Extract<Ask, { kind: 'line' }>, keys: readonly string[], event: KeypressEvent, editor: Editor, typing: Typing): Reply | Typing {
  if (event.name === 'tab') editor.write(null, { name: 'backspace' });
  if (event.name !== 'return' && event.name !== 'enter') return { ...typing, line: editor.line, cursor: editor.cursor, error: undefined };
  // The editor has emptied its line by now.
  const { line } = typing;
  const said = line.trim();
  const letter = said.normalize('NFKC');
  if (keys.includes(letter)) return { kind: 'key', key: letter };
  if (said === '' && ask.empty !== undefined) return { kind: 'value', value: ask.empty };
  const error = ask.check(said);
  if (error === undefined) return { kind: 'value', value: said };
  editor.write(line);
  return { ...typing, line: editor.line, cursor: editor.cursor, error };
}

function atOnce(ask: Exclude<Ask, { kind: 'line' }>, keys: readonly string[], event: KeypressEvent & { readonly sequence?: string }, typing: Typing): Reply | Typing {
  const key = keyOf(event);
  if (ask.kind === 'choice') {
    if (key === 'return') {
      const value = ask.values[typing.picked];
      if (value === undefined) return { ...typing, error: ask.unpicked };
      const closed = ask.closed[typing.picked];
      return closed === undefined ? { kind: 'value', value } : { ...typing, error: closed };
    }
    const by = moves[key];
    if (by !== undefined)
      return { ...typing, picked: Math.max(0, Math.min(ask.values.length - 1, typing.picked + (typing.picked < 0 && by < 0 ? ask.values.length : by))), error: undefined };
    const nth = /^[1-9]$/.test(key) ? Number(key) - 1 : -1;
    if (nth >= 0 && nth < ask.values.length) return { ...typing, picked: nth, error: undefined };
  }
  return keys.includes(key) ? { kind: 'key', key } : typing;
}

/** The character, or the name of a key that has none. Full-width characters of a Chinese input method count as plain ones. */
function keyOf({ name, sequence }: { readonly name?: string; readonly sequence?: string }): string {
  if (name === 'enter') return 'return';
  return sequence !== undefined && /^[^\p{C}\s]$/u.test(sequence) ? sequence.normalize('NFKC') : (name ?? '');
}

/** Asks one question. Rejects with an error of inquirer when aborted or interrupted. */
export async function ask(stage: Stage, asked: Prompt, signal: AbortSignal): Promise<Reply> {
  const nowhere = new Writable({ write: (_chunk, _encoding, written) => written() });
  const prompt = inquirer.createPromptModule<{ screen: Question }>({ input: stage.keyboard.stream, output: nowhere, signal });
  prompt.registerPrompt('screen', screen);
  const answers = await prompt<{ reply: Reply }>([{ type: 'screen', name: 'reply', message: '', asked, stage }]);
  return answers.reply;
}

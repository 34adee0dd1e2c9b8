// The keyboard for as long as a walkthrough runs: raw between questions too, so that nothing typed early echoes or answers.
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';

type Input = Readable & { setRawMode?(on: boolean): unknown };

export type Keyboard = {
  /** What a prompt reads. Raw mode is not its business. */
  readonly stream: NodeJS.ReadableStream;
  /** Hands the terminal back to the shell (Ctrl-Z) and takes it again on return. */
  suspend(resumed: () => void): void;
  close(): void;
};

type Hears = {
  /** Ctrl-C while no question is open. */
  readonly interrupted: () => void;
  /** The terminal is gone. */
  readonly lost: () => void;
  /** Does a prompt read just now? Otherwise keys are thrown away. */
  readonly asking: () => boolean;
};

const ctrlC = 3;
/** By then the process was stopped, or never will be. It also counts after it was continued. */
const resumeMs = 100;

export function openKeyboard(input: Input, hears: Hears): Keyboard {
  const stream = Object.assign(new PassThrough(), { isTTY: true });
  const raw = (on: boolean): void => {
    input.setRawMode?.(on);
  };
  const typed = (bytes: Buffer): void => {
    if (hears.asking()) stream.write(bytes);
    else if (bytes.includes(ctrlC)) hears.interrupted();
  };
  raw(true);
  input.on('data', typed);
  input.once('end', hears.lost);
  input.once('error', hears.lost);
  input.resume();
  return {
    stream,
    suspend: (resumed) => {
      raw(false);
      // The whole group, as the terminal itself would. Where nobody could continue us the signal is void, and we go on at once.
      process.kill(0, 'SIGTSTP');
      setTimeout(() => {
        raw(true);
        resumed();
      }, resumeMs);
    },
    close: () => {
      input.removeListener('data', typed);
      input.removeListener('end', hears.lost);
      input.pause();
      try {
        raw(false);
      } catch {
        // The terminal is gone: there is no mode left to restore.
      }
    },
  };
}

// What a command is: one literal per file, all listed in index.ts.
import type { Text } from '../text.ts';
import type { Flag, Parsed } from './args.ts';
import type { Shell } from './shell.ts';

export type Command = {
  readonly name: string;
  /** After `firebreak`: the words and options. */
  readonly usage: string;
  readonly summary: Text;
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** Fewest and most words. */
  readonly words: readonly [min: number, max: number];
  /** Returns the exit status. */
  run(shell: Shell, args: Parsed): Promise<number>;
};

// Reading values out of answers and facts in tests.
import type { Json } from '../../src/text.ts';

/** The value at `owner.userName`, list positions as numbers; undefined when a part is missing. */
export function lookUp(value: Json | undefined, path: string): Json | undefined {
  let here: unknown = value;
  for (const part of path.split('.')) here = (here as Record<string, unknown> | undefined | null)?.[part];
  return here as Json | undefined;
}

// The command line as data: options, positionals, and faults that say what was expected. Pure.
import { parseArgs } from 'node:util';
import { Fault } from '../errors.ts';

export type Flag = 'text' | 'list' | 'switch';
export type Parsed = { readonly words: readonly string[]; text(name: string): string | undefined; list(name: string): readonly string[]; on(name: string): boolean };

/** Options every command takes. */
export const globalFlags: Readonly<Record<string, Flag>> = { vault: 'text', lang: 'text', as: 'text', json: 'switch', help: 'switch' };

/** Parses `argv` for one command. @throws Fault E_USAGE for an unknown option, a missing value or the wrong number of words. */
export function parse(usage: string, argv: readonly string[], flags: Readonly<Record<string, Flag>>, words: readonly [min: number, max: number]): Parsed {
  const all = { ...globalFlags, ...flags };
  const options = Object.fromEntries(Object.entries(all).map(([name, flag]) => [name, flag === 'switch' ? { type: 'boolean' as const } : { type: 'string' as const, multiple: flag === 'list' }]));
  let result: ReturnType<typeof parseArgs>;
  try {
    result = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new Fault('E_USAGE', `${(cause as Error).message.split('. ')[0]}.`, { hint: `Usage: firebreak ${usage}`, cause });
  }
  const { values, positionals } = result;
  if (positionals.length < words[0] || positionals.length > words[1]) {
    throw new Fault('E_USAGE', positionals.length < words[0] ? 'Something is missing.' : `Too many words: ${positionals.slice(words[1]).join(' ')}.`, { hint: `Usage: firebreak ${usage}` });
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new Fault('E_USAGE', `--${name} is empty.`, { hint: `Usage: firebreak ${usage}` });
  }
  return {
    words: positionals,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    list: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    on: (name) => values[name] === true,
  };
}

// The command line as data: options, positionals, and faults that say what was expected. Pure.
import { parseArgs } from 'node:util';
import { Fault } from '../errors.ts';

export type Flag = 'text' | 'list' | 'switch';
export type Parsed = { readonly words: readonly string[]; text(name: string): string | undefined; list(name: string): readonly string[]; on(name: string): boolean };

/** Options every command takes. */
export const globalFlags: Readonly<Record<string, Flag>> = { vault: 'text', config: 'text', lang: 'text', as: 'text', json: 'switch', help: 'switch' };

/** Parses `argv` for one command. @throws Fault E_USAGE for an unknown option, a missing value or the wrong number of words. */
export function parse(usage: string, argv: readonly string[], flags: Readonly<Record<string, Flag>>, words: readonly [min: number, max: number]): Parsed {
  const hint = `Usage: firebreak ${usage}`;
  const all = { ...globalFlags, ...flags };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, flag]) => [name, flag === 'switch' ? { type: 'boolean' as const } : { type: 'string' as const, multiple: flag === 'list' }]),
  );
  let result: ReturnType<typeof parseArgs>;
  try {
    result = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new Fault('E_USAGE', wrong((cause as Error).message), { hint, cause });
  }
  const { values, positionals } = result;
  const [least, most] = words;
  if (positionals.length < least) {
    const missing = (usage.match(/\b[A-Z]{3,}\b/g) ?? []).slice(positionals.length, least);
    throw new Fault('E_USAGE', `${missing.length === 0 ? 'Something' : missing.join(' and ')} is missing.`, { hint });
  }
  if (positionals.length > most) throw new Fault('E_USAGE', `Too many words: ${positionals.slice(most).join(' ')}.`, { hint });
  for (const [name, value] of Object.entries(values)) {
    if ([value].flat().includes('')) throw new Fault('E_USAGE', `--${name} is empty.`, { hint });
  }
  return {
    words: positionals,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    list: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    on: (name) => values[name] === true,
  };
}

/** Global options may stand before the command: the first word that is neither an option nor its value is its name. */
export function splitName(argv: readonly string[]): readonly [name: string | undefined, ...rest: string[]] {
  const before: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (!word.startsWith('-')) return [word, ...before, ...argv.slice(at + 1)];
    before.push(word);
    if (globalFlags[word.slice(2)] === 'text' && argv[at + 1] !== undefined) {
      at += 1;
      before.push(argv[at] as string);
    }
  }
  return [undefined, ...before];
}

/** What Node's parser says, in our words. */
function wrong(message: string): string {
  const [, option = ''] = /'(?:-\w, )?(--?[^\s'=]+)/.exec(message) ?? [];
  if (message.startsWith('Unknown option'))
    return option.startsWith('--') ? `There is no option ${option} here.` : `There is no option ${option} here. A value that begins with "-" stands behind "--".`;
  if (message.includes('does not take an argument')) return `${option} takes no value.`;
  return `${option} needs a value. One that begins with "-" is given as ${option}=VALUE.`;
}

// What a shell may complete, read from the same literals that run the commands: words, flags, the values a flag takes. Pure.
import { globalFlags, type Flag } from './args.ts';
import type { Command } from './command.ts';

/** What can stand in one place: cases of the vault, shipped runbooks, files, fixed words, or nothing a shell could know. */
export type Place = { readonly kind: 'case' | 'runbook' | 'file' | 'free' } | { readonly kind: 'words'; readonly words: readonly string[] };

export type FlagSpec = { readonly name: string; readonly flag: Flag; readonly place: Place };
export type CommandSpec = { readonly name: string; readonly summary: string; readonly places: readonly Place[]; readonly flags: readonly FlagSpec[] };

const languages: Place = { kind: 'words', words: ['en', 'zh'] };

/** One spec a command. */
export function specOf({ name, usage, summary, flags }: Command): CommandSpec {
  return { name, summary: summary.en, places: placesOf(usage), flags: Object.entries(flags).map(([flag, kind]) => ({ name: flag, flag: kind, place: valueOf(usage, flag) })) };
}

/** The options every command takes. */
export function globalSpecs(): readonly FlagSpec[] {
  return Object.entries(globalFlags).map(([name, flag]) => ({ name, flag, place: name === 'lang' ? languages : { kind: name === 'vault' ? 'file' : 'free' } }));
}

/** `--format md|html` takes its words, `--answers FILE` a file. */
function valueOf(usage: string, flag: string): Place {
  const [, value = ''] = new RegExp(`--${flag} ([^\\s\\])]+)`).exec(usage) ?? [];
  return placeOf(value);
}

function placesOf(usage: string): readonly Place[] {
  const words = usage.replace(/^\S+\s*/, '');
  // `list | check … | show RUNBOOK`: the first word of each way.
  const ways = words.split(/\s\|\s/).map((way) => way.split(' ')[0] ?? '');
  if (ways.length > 1 && ways.every((way) => /^[a-z]+$/.test(way))) return [{ kind: 'words', words: ways }, { kind: 'runbook' }];
  const plain = words.replaceAll(/\[?--[^\]]*\]?…?/g, '').replaceAll(/\([^)]*\)/g, '');
  return plain
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => placeOf(word.replaceAll(/[[\]…]/g, '')));
}

function placeOf(word: string): Place {
  if (/^[a-z]+(\|[a-z]+)+$/.test(word)) return { kind: 'words', words: word.split('|') };
  if (word === 'CASE') return { kind: 'case' };
  if (word.startsWith('RUNBOOK')) return { kind: 'runbook' };
  return { kind: /\b(FILE|DIR)\b/.test(word) ? 'file' : 'free' };
}

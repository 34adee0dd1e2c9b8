// The options every command takes, checked. Pure.
import { resolve } from 'node:path';
import { Fault } from '../errors.ts';
import { languages, type Lang } from '../text.ts';
import type { Parsed } from './args.ts';

export type Globals = {
  readonly vault: string;
  readonly vaultFlag?: string;
  readonly lang: Lang;
  readonly by: string;
  readonly json: boolean;
  /** A file, or `none`; absent: the one in the state directory, if there is one. */
  readonly config?: string;
};

/** Reads the options every command takes. @throws Fault E_USAGE for a value that is none of theirs. */
export function readGlobals(args: Parsed, user: string | undefined): Globals {
  const lang = args.text('lang') ?? 'en';
  if (!languages.some((known) => known === lang)) throw new Fault('E_USAGE', `--lang takes en or zh, not "${lang.slice(0, 20)}".`);
  const by = args.text('as') ?? user ?? 'unknown';
  if (!/^[^\p{C}]{1,64}$/u.test(by) || by.trim() === '') throw new Fault('E_USAGE', '--as takes a name of 1 to 64 printable characters.');
  const vault = args.text('vault');
  const flag = vault === undefined ? {} : { vaultFlag: ` --vault ${/^[\w./~-]+$/.test(vault) ? vault : `'${vault.replaceAll("'", String.raw`'\''`)}'`}` };
  const config = args.text('config');
  return { vault: resolve(vault ?? 'evidence'), ...flag, lang: lang as Lang, by, json: args.on('json'), ...(config === undefined ? {} : { config }) };
}

// Shell completion as bash itself runs it, and the help's examples as the parser takes them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from '../../src/cli/args.ts';
import { allCommands, commandNames, findCommand } from '../../src/cli/index.ts';
import { aCli, type Cli } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'firebreak-completion-'));
const commands = await allCommands();
let cli: Cli;
let script = '';

beforeAll(async () => {
  cli = await aCli();
  script = join(folder, 'completion.bash');
  writeFileSync(script, (await cli.call(['completion', 'bash'])).out);
  for (const id of ['INC-1', 'INC-2', 'EX-1', '$(touch pwned)', 'a b', '-rf']) {
    mkdirSync(join(folder, 'evidence', id), { recursive: true });
    writeFileSync(join(folder, 'evidence', id, 'trail.jsonl'), '');
  }
  mkdirSync(join(folder, 'evidence', 'INC-empty'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cli.end();
});

/** What bash offers for the last of these words. */
function offered(...words: readonly string[]): readonly string[] {
  const program = `source "$1"; shift; COMP_WORDS=(firebreak "$@"); COMP_CWORD=$#; _firebreak; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-uc', program, 'bash', script, ...words], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return out.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers every command, and those that begin so', () => {
    expect(offered('').toSorted()).toEqual([...commandNames, 'help'].toSorted());
    expect(offered('ver')).toEqual(['verify']);
    expect(offered('help', 'und')).toEqual(['undo']);
  });

  it('offers the cases of the vault, of another one when it is named, and no name that is none', () => {
    expect(offered('resume', '').toSorted()).toEqual(['EX-1', 'INC-1', 'INC-2']);
    expect(offered('undo', 'INC')).toEqual(['INC-1', 'INC-2']);
    expect(offered('--vault', 'elsewhere', 'resume', '')).toEqual([]);
    expect(offered('--vault', join(folder, 'evidence'), 'verify', '--open', 'E')).toEqual(['EX-1']);
    expect(offered('note', 'INC-1', '')).toEqual([]);
  });

  it.each(commands.map(({ name, flags }) => [name, Object.keys(flags)] as const))('offers the flags of %s and those every command takes', (name, flags) => {
    expect(offered(name, '--')).toEqual(expect.arrayContaining([...flags, 'json', 'lang', 'vault'].map((flag) => `--${flag}`)));
  });

  it('offers the values a flag or a word can have', () => {
    expect(offered('report', 'INC-1', '--format', '')).toEqual(['md', 'html', 'json', 'csv']);
    expect(offered('status', '--lang', '')).toEqual(['en', 'zh']);
    expect(offered('run', 'leaked')).toEqual(['leaked-access-key']);
    expect(offered('runbook', 'po')).toEqual(['policy']);
    expect(offered('completion', '').toSorted()).toEqual(['bash', 'fish', 'zsh']);
    expect(offered('attach', 'INC-1', 'completion')).toEqual(['completion.bash']);
    expect(offered('run', 'leaked-access-key', '--profile', '')).toEqual([]);
  });
});

describe('completion elsewhere', () => {
  it.each(['zsh', 'fish'])('%s gets a script that names every command', async (name) => {
    const { status, out } = await cli.call(['completion', name]);
    expect(status).toBe(0);
    for (const command of commandNames) expect(out).toContain(command);
  });

  it('refuses another shell', async () => {
    expect(await cli.json(['completion', 'tcsh'])).toMatchObject({ status: 2, document: { error: { code: 'E_USAGE' } } });
  });
});

describe('the examples in the help', () => {
  const examples = commands.flatMap(({ name, examples: lines }) => lines.map((line) => [name, line] as const));

  it('are there for every command', () => {
    expect(commands.filter(({ name, examples: lines }) => !lines.some((line) => line.includes(`firebreak ${name}`))).map(({ name }) => name)).toEqual([]);
  });

  it.each(examples)('%s: %s', async (_, example) => {
    const line = /\$\(([^)]*)\)/.exec(example)?.[1] ?? example.split(/ [|>] /)[0] ?? '';
    const [program, command, ...words] = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
    expect(program).toBe('firebreak');
    const found = await findCommand(command ?? '');
    expect(found && parse(found.usage, words, found.flags, found.words)).toBeDefined();
  });
});

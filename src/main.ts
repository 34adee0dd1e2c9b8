// The composition root: reads the process, makes the adapters, hands them to a command, turns faults into exit statuses.
import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile, mkdir } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostClock } from './adapters/clock.ts';
import { openDisk, type Disk } from './adapters/disk.ts';
import { stateDirectory } from './adapters/disk/keys.ts';
import { format } from './casefile/format.ts';
import { globalFlags, parse } from './cli/args.ts';
import { allCommands, commandNames, findCommand } from './cli/index.ts';
import { renderCommandHelp, renderHelp } from './cli/help.ts';
import type { CaseLine, Shell } from './cli/shell.ts';
import { exits, Fault, renderProblem } from './errors.ts';
import { escapeTerminal, languages, type Lang } from './text.ts';

/** The folder that holds runbooks/, from src/ and from dist/ alike. */
const home = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs the command line of this process. Never throws; sets the exit status. */
export async function main(version: string): Promise<void> {
  const argv = process.argv.slice(2);
  const json = argv.includes('--json');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGHUP', () => stop.abort());
  process.stdout.on('error', () => stop.abort());
  try {
    process.exitCode = await dispatch(argv, version, json, stop.signal);
  } catch (error) {
    process.exitCode = await complain(error, json, stop.signal);
  }
}

async function dispatch(argv: readonly string[], version: string, json: boolean, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = splitName(argv);
  if (name === undefined && argv.includes('--version')) {
    process.stdout.write(`${version}\n`);
    return exits.ok;
  }
  const settings = settingsOf(argv);
  const shell = makeShell(version, json, settings, signal);
  if (name === 'help' || (name === undefined && argv.includes('--help'))) {
    const topic = rest.find((word) => !word.startsWith('-'));
    const command = topic === undefined ? undefined : await findCommand(topic);
    shell.out(command ? renderCommandHelp(command, shell.lang) : renderHelp(await allCommands(), version, shell.lang));
    return exits.ok;
  }
  if (name === undefined) {
    parse('[COMMAND]', argv, {}, [0, 0]);
    const { readHome } = await import('./cli/list.ts');
    shell.out(await readHome(shell));
    return exits.ok;
  }
  const command = await findCommand(name);
  if (!command) throw new Fault('E_USAGE', `There is no command "${name.slice(0, 40)}".`, { hint: `Commands: ${commandNames.join(', ')}. More: firebreak help` });
  const args = parse(command.usage, rest, command.flags, rest.includes('--help') ? [0, 99] : command.words);
  if (args.on('help')) {
    shell.out(renderCommandHelp(command, shell.lang));
    return exits.ok;
  }
  return command.run(shell, args);
}

/** Global options may stand before the command: the first word that is neither an option nor its value is its name. */
function splitName(argv: readonly string[]): readonly [name: string | undefined, ...rest: string[]] {
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

type Settings = { readonly vault: string; readonly lang: Lang; readonly by: string };

function settingsOf(argv: readonly string[]): Settings {
  const value = (flag: string): string | undefined => {
    const at = argv.findLastIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
    if (at < 0) return undefined;
    return argv[at]?.includes('=') === true ? argv[at]?.slice(flag.length + 3) : argv[at + 1];
  };
  const lang = value('lang') ?? 'en';
  if (!languages.some((known) => known === lang)) throw new Fault('E_USAGE', `--lang takes en or zh, not "${lang.slice(0, 20)}".`);
  const by = value('as') ?? userInfo().username;
  if (!/^[^\p{C}]{1,64}$/u.test(by)) throw new Fault('E_USAGE', '--as takes a name of 1 to 64 printable characters.');
  return { vault: resolve(value('vault') ?? 'evidence'), lang: lang as Lang, by };
}

function makeShell(version: string, json: boolean, { vault, lang, by }: Settings, signal: AbortSignal): Shell {
  const { env } = process;
  const host = hostClock();
  const stateDir = stateDirectory(env, homedir());
  const disk: Disk = openDisk(format);
  const runbooks = join(home, 'runbooks');
  const endpoint = env['FIREBREAK_ENDPOINT'];
  const settle = env['FIREBREAK_SETTLE_MS'];
  return {
    vault,
    lang,
    by,
    version,
    json,
    interactive: !json && process.stdin.isTTY && process.stdout.isTTY,
    host,
    here: { host: hostname(), pid: process.pid },
    signal,
    endpoint: endpoint === undefined || endpoint === '' ? undefined : endpoint,
    out: (text) => void process.stdout.write(text === '' ? '' : `${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    read,
    write: async (path, text) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
    },
    folder: async (file) => void (await mkdir(dirname(file), { recursive: true, mode: 0o700 })),
    runbooks: async () => (await names(runbooks)).filter((name) => !name.includes('.')),
    runbookFile: (id, scenario) => (scenario === undefined ? join(runbooks, id, 'runbook.yaml') : join(runbooks, id, 'drills', `${scenario}.yaml`)),
    scenarios: async (id) => (await names(join(runbooks, id, 'drills'))).flatMap((name) => (name.endsWith('.yaml') ? [name.slice(0, -5)] : [])),
    createCase: async (id, { by: opener, ...opened }, text, clock) =>
      disk.createCase({ vault, stateDir, id, opened, by: opener, texts: [Buffer.from(text, 'utf8')], now: () => clock.now() }),
    openCase: async (id, clock, options) => disk.openCase({ vault, stateDir, id, by, now: () => clock.now(), ...options }),
    readCase: async (id) => disk.readCase(vault, id),
    listCases: async () =>
      disk.listCases(vault).flatMap(({ first, last }): CaseLine[] => {
        if (first?.type !== 'case.opened') return [];
        const { case: id, origin, runbook, mode, at } = first;
        return [{ case: id, origin, runbook, mode, openedAt: at, ...(last?.type === 'case.closed' ? { closed: last.outcome } : {}) }];
      }),
    verify: async (id, { witnesses, key, open }) => {
      const { renderVerdict } = await import('./casefile/verdict.ts');
      const verdict = await disk.verifyCase(join(vault, caseName(id)), { witnesses, open, ...(key === undefined ? {} : { key }) });
      return { ok: verdict.exit === 0, document: verdict, text: (language) => renderVerdict(verdict, language) };
    },
    credential: async (profile) => {
      const { readCredential } = await import('./adapters/alibaba/credential.ts');
      return readCredential({ env, home: homedir(), readFile: async (path) => readFile(path, 'utf8'), ...(profile === undefined ? {} : { profile }) });
    },
    cloud: async ({ credential, clock, caseId, endpoint: drillEndpoint }) => {
      const { openCloud } = await import('./adapters/alibaba/cloud.ts');
      const to = drillEndpoint ?? (endpoint === '' ? undefined : endpoint);
      return openCloud({ credential, clock, caseId, version, env, log: await logger(env), ...(to === undefined ? {} : { endpoint: to }), ...(settle === undefined ? {} : { settleMs: settleOf(settle, to) }) });
    },
    terminal: async () => {
      const { openTerminal } = await import('./adapters/terminal.ts');
      return openTerminal({ input: process.stdin, output: process.stdout, env, signal });
    },
    newCaseId: (prefix) => `${prefix}-${host.now().toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(2).toString('hex')}`,
  };
}

function caseName(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id)) throw new Fault('E_CASE_NAME', `"${id.slice(0, 60)}" is no case name.`);
  return id;
}

function settleOf(text: string, endpoint: string | undefined): number {
  const ms = Number(text);
  if (endpoint === undefined) throw new Fault('E_USAGE', 'FIREBREAK_SETTLE_MS is only for a loopback endpoint. Nothing was done.', { hint: 'Unset it.' });
  if (!/^\d{1,7}$/.test(text)) throw new Fault('E_USAGE', 'FIREBREAK_SETTLE_MS takes milliseconds.', { hint: 'Unset it, or give a whole number.' });
  return ms;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch {
    return [];
  }
}

/** The debug log, on stderr when FIREBREAK_LOG asks for it. It never carries evidence. */
async function logger(env: NodeJS.ProcessEnv): Promise<{ debug(fields: object, message: string): void }> {
  const level = env['FIREBREAK_LOG'];
  if (level === undefined || level === '') return { debug: () => undefined };
  const { pino } = await import('pino');
  const log = pino({ name: 'firebreak', level }, pino.destination({ dest: 2, sync: true }));
  return { debug: (fields, message) => log.debug(fields, message) };
}

/** Says what happened, what state things are in and what to do next; returns the exit status. */
async function complain(error: unknown, json: boolean, signal: AbortSignal): Promise<number> {
  const aborted = signal.aborted && !(error instanceof Fault);
  const fault = error instanceof Fault ? error : aborted ? new Fault('E_INTERRUPTED', 'Stopped. Everything up to here is on record.') : undefined;
  const code = fault?.code ?? 'E_BUG';
  const message = fault?.message ?? `Something unexpected: ${(error as Error | undefined)?.message ?? String(error)}`;
  const hint = fault?.hint ?? 'This is our fault. The case is safe: run "firebreak resume CASE". FIREBREAK_LOG=debug shows more.';
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, ...(fault?.where === undefined ? {} : { where: fault.where }), hint, ...(fault && fault.problems.length > 0 ? { problems: fault.problems } : {}) } })}\n`);
  else {
    const problems = fault?.problems.map((problem) => `\n${renderProblem(problem)}`).join('') ?? '';
    process.stderr.write(`${escapeTerminal(`${code}: ${message}${problems}\n${hint}`, { lines: true })}\n`);
  }
  if (!fault && (process.env['FIREBREAK_LOG'] ?? '') !== '') process.stderr.write(`${escapeTerminal(String((error as Error).stack), { lines: true })}\n`);
  return fault?.exit ?? exits.bug;
}

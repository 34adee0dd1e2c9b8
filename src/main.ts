// The composition root: reads the process, makes the adapters, hands them to a command, turns faults into exit statuses.
import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile, mkdir } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { hostClock } from './adapters/clock.ts';
import { openDisk, type Disk } from './adapters/disk.ts';
import { roomAt } from './adapters/disk/files.ts';
import { folderOf } from './adapters/disk/list.ts';
import { stateDirectory } from './adapters/disk/keys.ts';
import { readSource } from './adapters/disk/source.ts';
import { format } from './casefile/format.ts';
import { parse, splitName, type Parsed } from './cli/args.ts';
import type { Command } from './cli/command.ts';
import { allCommands, commandNames, findCommand } from './cli/index.ts';
import { readGlobals } from './cli/globals.ts';
import { helpDocument, renderCommandHelp, renderHelp } from './cli/help.ts';
import type { CaseLine, Shell } from './cli/shell.ts';
import { exits, Fault, renderProblem } from './errors.ts';
import { escapeTerminal } from './text.ts';

/** The folder that holds runbooks/, from src/ and from dist/ alike. */
const home = dirname(dirname(fileURLToPath(import.meta.url)));

/** The process as the command line sees it. */
export type Io = {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** A person sits at both ends. */
  readonly interactive: boolean;
  out(text: string): void;
  err(text: string): void;
};

/** Runs the command line of this process. Never throws; sets the exit status. */
export async function main(version: string): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  let lost: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    lost ??= error;
    stop.abort();
  });
  process.stderr.on('error', () => undefined);
  const io: Io = {
    argv: process.argv.slice(2),
    env: process.env,
    signal: stop.signal,
    interactive: process.stdin.isTTY && process.stdout.isTTY,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
  // Node's own status for these is 1, which means findings here.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (error: unknown) => {
      complain(error, io);
      process.exit(exits.bug);
    });
  }
  process.exitCode = await firebreak(version, io);
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  // A reader that had enough is no error; a report that did not fit on the disk is.
  if (lost !== undefined && lost.code !== 'EPIPE') {
    process.exitCode = complain(unwritten('What was to be printed', lost, 'Make room where the output goes, then ask again: the case itself is as the status says.'), io);
  }
}

/** One command line, from words to exit status. Never throws: what goes wrong is said on `err`, or as JSON on `out`. */
export async function firebreak(version: string, io: Io): Promise<number> {
  const about: About = {};
  try {
    return await dispatch(version, io, about);
  } catch (error) {
    return complain(error, io, about);
  }
}

/** The case a command is about, once that is known: hints name it. */
type About = { caseId?: string };

async function dispatch(version: string, io: Io, about: About): Promise<number> {
  const [name, ...rest] = splitName(io.argv);
  if (name === undefined) {
    const args = parse('[COMMAND]', rest, { version: 'switch' }, [0, 0]);
    const shell = makeShell(version, args, io);
    if (args.on('version')) return say(shell, version, { version });
    if (args.on('help')) return help(shell, undefined);
    const { showHome } = await import('./cli/list.ts');
    return showHome(shell);
  }
  if (name === 'help') {
    const args = parse('help [COMMAND]', rest, {}, [0, 1]);
    return help(makeShell(version, args, io), args.words[0]);
  }
  const command = await commandNamed(name);
  const args = parse(command.usage, rest, command.flags, rest.includes('--help') ? [0, 99] : command.words);
  const shell = makeShell(version, args, io);
  if (args.on('help')) return help(shell, name);
  if (/^\w+ CASE\b/.test(command.usage) && args.words[0] !== undefined) about.caseId = args.words[0];
  return command.run(shell, args);
}

/** @throws Fault E_USAGE for a word that is no command. */
async function commandNamed(name: string): Promise<Command> {
  const command = await findCommand(name);
  if (!command) throw new Fault('E_USAGE', `There is no command "${name.slice(0, 40)}".`, { hint: `Commands: ${commandNames.join(', ')}. More: firebreak help` });
  return command;
}

async function help(shell: Shell, topic: string | undefined): Promise<number> {
  const commands = topic === undefined ? await allCommands() : [await commandNamed(topic)];
  const text = topic === undefined ? renderHelp(commands, shell.version, shell.lang) : commands.map((command) => renderCommandHelp(command, shell.lang)).join('\n');
  return say(shell, text, helpDocument(commands, shell.version, shell.lang));
}

function say(shell: Shell, text: string, document: object): number {
  shell.out(shell.json ? JSON.stringify(document) : text);
  return exits.ok;
}

/** What the system knows of the user; a process may run as a number that has no name and no home. */
function user(field: 'username' | 'homedir'): string | undefined {
  try {
    return userInfo()[field] || undefined;
  } catch {
    return undefined;
  }
}

function makeShell(version: string, args: Parsed, { env, signal, interactive, out, err }: Io): Shell {
  const { vault, vaultFlag, lang, by, json, config } = readGlobals(args, user('username'));
  const host = hostClock();
  const folder = env['HOME'] || user('homedir') || homedir();
  const stateDir = stateDirectory(env, folder);
  const disk: Disk = openDisk(format);
  const runbooks = join(home, 'runbooks');
  const endpoint = env['FIREBREAK_ENDPOINT'] || undefined;
  return {
    vault,
    ...(config === 'none' ? {} : { config: { file: config ?? join(stateDir, 'firebreak.yaml'), named: config !== undefined } }),
    sampleConfig: join(runbooks, 'firebreak.sample.yaml'),
    ...(vaultFlag === undefined ? {} : { vaultFlag }),
    lang,
    by,
    version,
    json,
    interactive: interactive && !json,
    host,
    here: { host: hostname(), pid: process.pid },
    signal,
    endpoint,
    out: (text) => out(text === '' ? '' : `${text}\n`),
    err: (text) => err(`${text}\n`),
    read,
    stream: (path) => readSource(path, signal),
    write: async (path, text) => {
      await storing(path, async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, text, { mode: 0o600 });
      });
    },
    room: roomAt,
    folder: async (file) => {
      await storing(file, async () => mkdir(dirname(file), { recursive: true, mode: 0o700 }));
    },
    runbooks: async () => (await names(runbooks)).filter((name) => !name.includes('.')),
    runbookFile: (id, scenario) => (scenario === undefined ? join(runbooks, id, 'runbook.yaml') : join(runbooks, id, 'drills', `${scenario}.yaml`)),
    scenarios: async (id) => (await names(join(runbooks, id, 'drills'))).flatMap((name) => (name.endsWith('.yaml') ? [name.slice(0, -5)] : [])),
    createCase: async (id, { by: opener, ...opened }, text, time) => {
      // Before anything is written: a drill's cloud can only be opened on the case's own account.
      settleOf(env, opened.endpoint === 'alibaba' ? undefined : opened.endpoint);
      return disk.createCase({ vault, stateDir, id, opened, by: opener, texts: [Buffer.from(text, 'utf8')], now: (known) => time.now(known) });
    },
    openCase: async (id, time, options) => disk.openCase({ vault, stateDir, id, by, now: (known) => time.now(known), ...options }),
    readCase: async (id) => disk.readCase(vault, id),
    ownKey: () => disk.ownKey(stateDir),
    listCases: async () =>
      disk.listCases(vault).map(({ id, first, last, unreadable }): CaseLine => {
        if (first?.type !== 'case.opened') return { case: id, unreadable: unreadable ?? 'the trail does not begin with case.opened' };
        const { origin, runbook, mode, at } = first;
        const follows = first.continues === undefined ? {} : { continues: first.continues.case };
        const known = { case: id, origin, runbook, mode, openedAt: at, ...follows, ...(last?.type === 'case.closed' ? { closed: last.outcome } : {}) };
        return unreadable === undefined ? known : { ...known, unreadable };
      }),
    verify: async (id, { witnesses, key, open }) => {
      const { renderVerdict } = await import('./casefile/verdict.ts');
      const verdict = await disk.verifyCase(folderOf(vault, id), { witnesses, open, ...(key === undefined ? {} : { key }) });
      return { ok: verdict.exit === 0, document: verdict, text: (language) => renderVerdict(verdict, language) };
    },
    credential: async (profile) => {
      const { readCredential } = await import('./adapters/alibaba/credential.ts');
      return readCredential({ env, home: folder, readFile: async (path) => readFile(path, 'utf8'), ...(profile === undefined ? {} : { profile }) });
    },
    cloud: async ({ credential, clock, caseId, endpoint: drillEndpoint, readOnly = false }) => {
      const { openCloud } = await import('./adapters/alibaba/cloud.ts');
      const to = drillEndpoint ?? endpoint;
      const settleMs = settleOf(env, to);
      return openCloud({
        credential,
        clock,
        caseId,
        version,
        readOnly,
        env,
        log: await logger(env),
        ...(to === undefined ? {} : { endpoint: to }),
        ...(settleMs === undefined ? {} : { settleMs }),
      });
    },
    messenger: async (settings) => (await import('./adapters/notify.ts')).openMessenger(settings, { env, now: () => host.hostNow() }),
    terminal: async () => {
      const { openTerminal } = await import('./adapters/terminal.ts');
      return openTerminal({ input: process.stdin, output: process.stdout, env, signal });
    },
    newCaseId: (prefix) => `${prefix}-${host.now().toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(2).toString('hex')}`,
  };
}

/** FIREBREAK_SETTLE_MS: how long an unknown outcome may take, for servers of this machine only. */
function settleOf(env: NodeJS.ProcessEnv, endpoint: string | undefined): number | undefined {
  const text = env['FIREBREAK_SETTLE_MS'] || undefined;
  if (text === undefined) return undefined;
  if (endpoint === undefined) throw new Fault('E_USAGE', 'FIREBREAK_SETTLE_MS is only for a loopback endpoint. Nothing was done.', { hint: 'Unset it.' });
  if (!/^\d{1,7}$/.test(text)) throw new Fault('E_USAGE', 'FIREBREAK_SETTLE_MS takes milliseconds. Nothing was done.', { hint: 'Unset it, or give a whole number.' });
  return Number(text);
}

/** What the disk refuses is a fault of storage, not ours. */
async function storing(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw unwritten(path, cause);
  }
}

function unwritten(what: string, cause: unknown, hint?: string): Fault {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  return new Fault('E_VAULT_WRITE', `${what} could not be written (${code}).`, { cause, ...(hint === undefined ? {} : { hint }) });
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await (path === '-' ? text(process.stdin) : readFile(path, 'utf8'));
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
function complain(error: unknown, { argv, env, signal, out, err }: Io, { caseId }: About = {}): number {
  const stopped = signal.aborted && !(error instanceof Fault);
  const fault =
    error instanceof Fault
      ? error
      : new Fault(
          stopped ? 'E_INTERRUPTED' : 'E_BUG',
          stopped ? 'Stopped. Everything up to here is on record.' : `Something unexpected: ${(error as Error | undefined)?.message ?? String(error)}`,
        );
  const { code, message, where, problems } = fault;
  const hint = caseId === undefined ? fault.hint : fault.hint.replaceAll(/\bCASE\b/g, () => caseId);
  const end = argv.indexOf('--');
  if (argv.slice(0, end < 0 ? undefined : end).includes('--json')) {
    out(`${JSON.stringify({ error: { code, message, ...(where === undefined ? {} : { where }), hint, ...(problems.length > 0 ? { problems } : {}) } })}\n`);
  } else {
    const listed = problems.map((problem) => `\n${renderProblem(problem)}`).join('');
    err(`${escapeTerminal(`${code}: ${message}${where === undefined ? '' : ` [${where}]`}${listed}\n${hint}`, { lines: true })}\n`);
  }
  if (code === 'E_BUG' && (env['FIREBREAK_LOG'] ?? '') !== '') err(`${escapeTerminal(String((error as Error | undefined)?.stack), { lines: true })}\n`);
  return fault.exit;
}

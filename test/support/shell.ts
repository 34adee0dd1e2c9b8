// A Shell on temporary folders, for commands and sessions in a test's own process: real disk, real SDKs, a real range on loopback.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import { hostClock } from '../../src/adapters/clock.ts';
import { openDisk } from '../../src/adapters/disk.ts';
import { readSource } from '../../src/adapters/disk/source.ts';
import { roomAt } from '../../src/adapters/disk/files.ts';
import { format } from '../../src/casefile/format.ts';
import { renderVerdict } from '../../src/casefile/verdict.ts';
import type { Credential, Shell } from '../../src/cli/shell.ts';
import type { Clock } from '../../src/engine/ports.ts';
import { openRange, type Range, type RangeOptions } from '../../src/range/server.ts';
import { readWorld, type World } from '../../src/drill/world.ts';
import { parseScenario } from '../../src/drill/scenario.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The world of the shipped drill; `change` edits its YAML text first. */
export async function firstNight(change: (text: string) => string = (text) => text): Promise<World> {
  const file = join(root, 'runbooks/leaked-access-key/drills/first-night.yaml');
  const { scenario } = parseScenario(change(await readFile(file, 'utf8')), file);
  if (!scenario) throw new Error('the drill does not parse');
  return readWorld(scenario, file);
}

export type Bench = {
  readonly folder: string;
  readonly shell: Shell;
  readonly said: string[];
  readonly range: Range;
  /** The same shell with something else in it. */
  with(change: Partial<Shell>): Shell;
  end(): Promise<void>;
};

export type BenchOptions = {
  readonly world?: World;
  readonly faults?: RangeOptions['faults'];
  readonly readTimeoutMs?: number;
  readonly settleMs?: number;
  readonly credential?: Credential;
  /** Where the runbooks lie; default: the shipped ones. */
  readonly runbooks?: string;
};

/** A range in virtual time, and a shell whose clock it is: a live case on it never waits for real. */
export async function aBench(options: BenchOptions = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-'));
  const world = options.world ?? (await firstNight());
  const range = await openRange({ seed: world.seed, journal: join(folder, 'range.jsonl'), time: { kind: 'virtual' }, ...(options.faults ? { faults: options.faults } : {}) });
  const said: string[] = [];
  const vault = join(folder, 'vault');
  const stateDir = join(folder, 'state');
  const disk = openDisk(format);
  const books = options.runbooks ?? join(root, 'runbooks');
  const read = async (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
  const names = async (path: string): Promise<string[]> => (await readdir(path).catch((): string[] => [])).toSorted();
  const host: Clock = { ...hostClock(), now: () => range.clock.now(), sleep: (ms, signal) => range.clock.sleep(ms, signal) };
  const shell: Shell = {
    vault,
    lang: 'en',
    sampleConfig: join(books, 'firebreak.sample.yaml'),
    by: 'tester',
    version: '0.0.0',
    json: false,
    interactive: false,
    host,
    here: { host: 'here', pid: 1 },
    signal: new AbortController().signal,
    endpoint: range.url,
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
    read,
    stream: (path) => readSource(path, new AbortController().signal),
    write: async (path, text) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    room: roomAt,
    folder: async (file) => void (await mkdir(dirname(file), { recursive: true })),
    runbooks: async () => (await names(books)).filter((name) => !name.includes('.')),
    runbookFile: (id, scenario) => (scenario === undefined ? join(books, id, 'runbook.yaml') : join(books, id, 'drills', `${scenario}.yaml`)),
    scenarios: async (id) => (await names(join(books, id, 'drills'))).map((name) => name.replace(/\.yaml$/, '')),
    createCase: async (id, { by, ...opened }, text, clock) => disk.createCase({ vault, stateDir, id, opened, by, texts: [Buffer.from(text)], now: () => clock.now() }),
    openCase: async (id, clock, more) => disk.openCase({ vault, stateDir, id, by: 'tester', now: () => clock.now(), ...more }),
    readCase: async (id) => disk.readCase(vault, id),
    ownKey: () => '',
    listCases: async () => [],
    verify: async (id, ask) => {
      const verdict = await disk.verifyCase(join(vault, id), { witnesses: ask.witnesses, open: ask.open });
      return { ok: verdict.exit === 0, document: verdict, text: (lang) => renderVerdict(verdict, lang) };
    },
    credential: async () => Promise.resolve(options.credential ?? { ...world.credential, source: 'profile:test' }),
    cloud: async ({ credential, clock, caseId, endpoint }) =>
      openCloud({
        credential,
        clock,
        caseId,
        version: '0.0.0',
        endpoint: endpoint ?? range.url,
        settleMs: options.settleMs ?? 50,
        readTimeoutMs: options.readTimeoutMs ?? 5_000,
        env: {},
      }),
    messenger: async () => Promise.reject(new Error('nothing may be sent in this test')),
    terminal: async () => Promise.reject(new Error('no terminal in this test')),
    newCaseId: (prefix) => `${prefix}-TEST`,
  };
  return {
    folder,
    shell,
    said,
    range,
    with: (change) => ({ ...shell, ...change }),
    async end() {
      await range.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

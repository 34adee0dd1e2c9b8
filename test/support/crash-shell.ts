// A command's world for the crash suite: the real disk, clock and cloud adapters on a throw-away vault; prints nothing. No product hook.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostClock } from '../../src/adapters/clock.ts';
import { openDisk } from '../../src/adapters/disk.ts';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import { format } from '../../src/casefile/format.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { CaseStore, Cloud } from '../../src/engine/ports.ts';

export const disk = openDisk(format);
export const runbook = 'leaked-access-key';
export const scenario = 'first-night';
export const caseId = 'CRASH-1';

const home = join(import.meta.dirname, '..', '..', 'runbooks');

type CloudOptions = Parameters<Shell['cloud']>[0];

export type ShellOptions = {
  readonly root: string;
  /** Where the case keys lie; default: under `root`. */
  readonly stateDir?: string;
  /** Stands between the session and its store, and its cloud: where a crash suite watches. */
  readonly store?: (store: CaseStore) => CaseStore;
  readonly cloud?: (cloud: Cloud) => Cloud;
  /** Another way to the same account; default: the real adapter. */
  readonly open?: (options: CloudOptions & { readonly settleMs: number }) => Promise<Cloud>;
};

/** How long a request may still land, host milliseconds: nothing that these tests kill lives on. */
const settleMs = 20;

/** A shell whose vault and state lie under `root`. */
export function aShell({ root, stateDir = join(root, 'state'), store = (same) => same, cloud = (same) => same, open = realCloud }: ShellOptions): Shell {
  const [vault, by] = [join(root, 'vault'), 'tester'];
  const host = hostClock();
  const never = (): never => {
    throw new Error('the crash suite asked for something it has no use for');
  };
  return {
    vault,
    lang: 'en',
    sampleConfig: '',
    by,
    version: '0.0.0',
    json: false,
    interactive: false,
    host,
    here: { host: 'here', pid: 1 },
    signal: new AbortController().signal,
    endpoint: undefined,
    out: () => undefined,
    err: () => undefined,
    read: async (path) => readFile(path, 'utf8').catch(() => undefined),
    stream: never,
    write: async () => Promise.resolve(),
    room: never,
    folder: never,
    runbooks: async () => Promise.resolve([runbook]),
    runbookFile: (id, drill) => join(home, id, ...(drill === undefined ? ['runbook.yaml'] : ['drills', `${drill}.yaml`])),
    scenarios: async () => Promise.resolve([scenario]),
    createCase: async (id, { by: opener, ...opened }, sealed, time) =>
      store(await disk.createCase({ vault, stateDir, id, opened, by: opener, texts: [Buffer.from(sealed, 'utf8')], now: (known) => time.now(known) })),
    openCase: async (id, time, options) => store(await disk.openCase({ vault, stateDir, id, by, now: (known) => time.now(known), ...options })),
    readCase: async (id) => disk.readCase(vault, id),
    ownKey: () => '',
    listCases: never,
    verify: never,
    credential: never,
    cloud: async (options) => cloud(await open({ ...options, settleMs })),
    messenger: never,
    terminal: never,
    newCaseId: never,
  };
}

async function realCloud(options: CloudOptions & { readonly settleMs: number }): Promise<Cloud> {
  return openCloud({ ...options, version: '0.0.0', env: {} });
}

/** The bytes of a file, or none when it is not there yet. */
export async function bytesOf(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0));
}

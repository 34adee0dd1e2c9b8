// The commands in this process, against one foreign server that becomes account after account: fast enough for many variants.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import { hostClock } from '../../src/adapters/clock.ts';
import { openDisk } from '../../src/adapters/disk.ts';
import { readSource } from '../../src/adapters/disk/source.ts';
import { roomAt } from '../../src/adapters/disk/files.ts';
import { format } from '../../src/casefile/format.ts';
import { parse } from '../../src/cli/args.ts';
import { findCommand } from '../../src/cli/index.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import { Fault } from '../../src/errors.ts';
import { serveForeign, type Caller, type ForeignOptions, type Served, type Told } from '../support/foreign-server.ts';
import { accountOf, type Effect, type World } from './account.ts';
import { aPlace, type Place } from './place.ts';
import type { Command, Status } from './player.ts';
import { responder } from './worlds.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** As fast as the server answers: the rates are not what is tested here. */
const limits = [{ api: '*', perSecond: 500, concurrent: 20, scope: 'region' }] as const;

export type Stage = { readonly command: Command; readonly effects: readonly Effect[]; readonly calls: readonly Told[]; readonly place: Place; readonly said: readonly string[] };
export type Bench = { stage(world: World, options?: Partial<ForeignOptions>, caller?: Caller): Promise<Stage>; end(): Promise<void> };

/** `readTimeoutMs`: how long one request may take. */
export async function aForeignBench(options: { readonly readTimeoutMs?: number } = {}): Promise<Bench> {
  let served: Served | undefined;
  const clouds = new Map<string, Promise<Cloud>>();
  const places: Place[] = [];
  return {
    async stage(world, more = {}, caller = responder) {
      const account = accountOf(world, more);
      if (served) served.use(account.options);
      else served = await serveForeign(account.options);
      const { url, calls } = served;
      const place = await aPlace();
      places.push(place);
      const said: string[] = [];
      const cloud = async (): Promise<Cloud> => {
        const known = clouds.get(caller.accessKeyId);
        const opened =
          known ??
          openCloud({
            credential: { ...credentialOf(caller), source: 'environment' },
            clock: hostClock(),
            caseId: 'FOREIGN',
            version: '0.0.0',
            endpoint: url,
            settleMs: 300,
            readTimeoutMs: options.readTimeoutMs ?? 5_000,
            limits,
            env: {},
          });
        clouds.set(caller.accessKeyId, opened);
        return { ...(await opened), close: async () => Promise.resolve() };
      };
      const shell = shellOf(place, url, caller, cloud, said);
      return { command: commandOf(shell, said), effects: account.effects, calls, place, said };
    },
    async end() {
      for (const opened of clouds.values()) await (await opened).close();
      await served?.close();
      for (const place of places) await place.end();
    },
  };
}

function credentialOf({ accessKeyId, secret, token }: Caller): { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string } {
  return { accessKeyId, accessKeySecret: secret, ...(token === undefined ? {} : { securityToken: token }) };
}

function commandOf(shell: Shell, said: string[]): Command {
  return async (name = '', ...words) => {
    const command = await findCommand(name);
    if (!command) throw new Error(`no command ${name}`);
    const before = said.length;
    const began = performance.now();
    let exit: number;
    try {
      exit = await command.run(shell, parse(command.usage, words, command.flags, command.words));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      exit = error.exit;
      said.push(JSON.stringify({ error: { code: error.code, message: error.message, hint: error.hint } }));
    }
    return { exit, document: JSON.parse(said.slice(before).join('\n')) as Status, ms: performance.now() - began };
  };
}

function shellOf(place: Place, url: string, caller: Caller, cloud: () => Promise<Cloud>, said: string[]): Shell {
  const { vault } = place;
  const stateDir = join(place.folder, 'state');
  const disk = openDisk(format);
  const books = join(root, 'runbooks');
  const read = async (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
  return {
    vault,
    lang: 'en',
    sampleConfig: join(books, 'firebreak.sample.yaml'),
    by: 'stranger',
    version: '0.0.0',
    json: true,
    interactive: false,
    host: hostClock(),
    here: { host: 'here', pid: 1 },
    signal: new AbortController().signal,
    endpoint: url,
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
    runbooks: async () => readdir(books),
    runbookFile: (id) => join(books, id, 'runbook.yaml'),
    scenarios: async () => Promise.resolve([]),
    createCase: async (id, { by, ...opened }, text, clock) => disk.createCase({ vault, stateDir, id, opened, by, texts: [Buffer.from(text)], now: () => clock.now() }),
    openCase: async (id, clock, more) => disk.openCase({ vault, stateDir, id, by: 'stranger', now: () => clock.now(), ...more }),
    readCase: async (id) => disk.readCase(vault, id),
    ownKey: () => '',
    listCases: async () => Promise.resolve([]),
    verify: async (id, ask) => {
      const verdict = await disk.verifyCase(join(vault, id), { witnesses: ask.witnesses, open: ask.open });
      return { ok: verdict.exit === 0, document: verdict, text: () => '' };
    },
    credential: async () => Promise.resolve({ ...credentialOf(caller), source: 'environment' }),
    cloud: async () => cloud(),
    messenger: async () => Promise.reject(new Error('nothing may be sent in this test')),
    terminal: async () => Promise.reject(new Error('nobody sits here')),
    newCaseId: () => 'FOREIGN',
  };
}

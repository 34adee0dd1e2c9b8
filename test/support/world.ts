// A run in memory: store, clock and a toy account behind the real ports, with wrappers that stop it at any boundary.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineAction, defineCollector, type Call, type Reply, type Target } from '../../src/actions/define.ts';
import type { Draft, Entry } from '../../src/casefile/entry.ts';
import { openRun, type Registry, type Run } from '../../src/engine/run.ts';
import type { CaseStore, Clock, Cloud, Ports } from '../../src/engine/ports.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { both } from './runbooks.ts';

/** Scenario and host time in one: moves only when somebody sleeps. */
export function aClock(start = '2026-03-14T19:00:00.000Z'): Clock & { jumpTo(at: string): void } {
  let now = Date.parse(start);
  const sleep = async (ms: number): Promise<void> => {
    await Promise.resolve();
    now += ms;
  };
  const read = (): Date => new Date(now);
  return { now: read, hostNow: read, sleep, hostSleep: sleep, jumpTo: (at) => void (now = Math.max(now, Date.parse(at))) };
}

/** What survives a crash: entries and objects. */
export type Disk = { entries: Entry[]; objects: Map<string, Uint8Array> };

export function aDisk(): Disk {
  return { entries: [], objects: new Map() };
}

/** Thrown by the wrappers: the process is gone, nothing after it runs. */
export class Crash extends Error {}

/** Counts boundaries and stops the run at the one asked for: before or after the effect. */
export type Breaker = { at: number; seen: number; names: string[] };

export function aBreaker(at = Number.POSITIVE_INFINITY): Breaker {
  return { at, seen: 0, names: [] };
}

async function through<T>(breaker: Breaker, name: string, effect: () => T | Promise<T>): Promise<T> {
  const hit = (side: string): void => {
    if (breaker.seen > breaker.at) throw new Crash('gone');
    breaker.names.push(`${side} ${name}`);
    breaker.seen += 1;
    if (breaker.seen > breaker.at) throw new Crash(`${side} ${name}`);
  };
  hit('before');
  const result = await effect();
  hit('after');
  return result;
}

export function aStore(disk: Disk, clock: Clock, breaker: Breaker = aBreaker()): CaseStore {
  return {
    id: 'case-1',
    dir: '/nowhere',
    async append(...drafts) {
      return through(breaker, `append ${drafts.map(({ type }) => type).join('+')}`, () => {
        const entries = drafts.map((draft: Draft, index): Entry => ({ ...draft, seq: disk.entries.length + index, prev: '', at: clock.now().toISOString(), sig: '' }));
        disk.entries.push(...(JSON.parse(JSON.stringify(entries)) as Entry[]));
        return entries;
      });
    },
    entries: () => disk.entries,
    refresh: async () => Promise.resolve([]),
    async put(bytes) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(chunk);
      const all = Buffer.concat(chunks);
      const sha256 = createHash('sha256').update(all).digest('hex');
      return through(breaker, 'put', () => {
        disk.objects.set(sha256, all);
        return { sha256, bytes: all.length };
      });
    },
    async seal(bytes, custody, frame) {
      const sealed = await this.put([bytes]);
      await this.append({ type: 'evidence.sealed', ...sealed, ...custody, ...(frame === undefined ? {} : { frame }) });
      return sealed;
    },
    object: async (sha256) => {
      const found = disk.objects.get(sha256);
      if (!found) throw new Error(`no object ${sha256}`);
      return Promise.resolve(found);
    },
    witness: () => `case-1 bytes=${disk.entries.length} sha256=${'0'.repeat(64)}`,
    drive: (work) => work(),
    close: async () => Promise.resolve(),
  };
}

/** A toy account: switches that can be turned off, each flip counted. */
export type Toy = { on: Record<string, boolean>; flips: string[]; refuse?: (call: Call) => Reply | undefined; afterEffect?: (call: Call) => Reply | undefined };

export function aToy(...names: readonly string[]): Toy {
  return { on: Object.fromEntries(names.map((name) => [name, true])), flips: [] };
}

const version = '2015-05-01';
const look = (name: string): Call => ({ product: 'ram', version, action: 'GetSwitch', params: { Name: name }, region: 'cn-hangzhou', effect: 'read' });
const flip = (name: string, on: boolean): Call => ({
  product: 'ram',
  version,
  action: 'SetSwitch',
  params: { Name: name, On: String(on) },
  region: 'cn-hangzhou',
  effect: 'write',
});
const done = (body: object): Reply => ({ ok: true, status: 200, text: JSON.stringify(body), body: body as never, requestId: 'R-1', redactions: [], retries: 0 });

export function aToyCloud(toy: Toy, breaker: Breaker = aBreaker()): Cloud {
  return {
    settleMs: 30_000,
    endpoint: 'http://127.0.0.1:1',
    accessKeyId: 'LTAI5tEXAMPLEir00009',
    source: 'profile:test',
    async send(call) {
      return through(breaker, `call ${call.action}`, () => {
        const refused = toy.refuse?.(call);
        if (refused) return refused;
        const name = call.params['Name'] ?? '';
        if (call.action === 'SetSwitch') {
          toy.on[name] = call.params['On'] === 'true';
          toy.flips.push(`${name}=${call.params['On']}`);
          return toy.afterEffect?.(call) ?? done({});
        }
        return done({ On: toy.on[name] ?? false, Names: Object.keys(toy.on) });
      });
    },
    close: async () => Promise.resolve(),
  };
}

const text = both('toy');

/** Operations on the toy account, one of each sort. */
export const toyOperations: Registry = {
  'toy.find': defineCollector({
    summary: text,
    calls: ['ram:GetSwitch'],
    input: z.object({}),
    gives: ['switches'],
    async slice(reader) {
      const reply = await reader.read(look('all'), { kind: 'inventory' });
      if (!reply.ok) return { outcome: 'none', refused: reply };
      const names = reply.body['Names'] as string[];
      return { outcome: 'all', facts: { switches: names.map((id) => ({ id, kind: 'switch', data: {}, ...(id.startsWith('ours') ? { held: both('ours') } : {}) })) } };
    },
  }),
  'toy.keep': defineCollector({
    summary: text,
    calls: ['ram:GetSwitch'],
    input: z.object({}),
    gives: [],
    seals: 'volatile',
    async slice(reader, _context, _cursor, target) {
      const reply = await reader.read(look(target?.id ?? ''), { kind: 'volatile', ...(target ? { target: target.id } : {}) });
      return reply.ok ? { outcome: 'all' } : { outcome: 'none', refused: reply };
    },
  }),
  'toy.record': defineCollector({
    summary: text,
    calls: ['ram:GetSwitch'],
    input: z.object({ pages: z.number().default(3) }),
    gives: ['pages'],
    async slice(reader, { input }, cursor) {
      const page = typeof cursor === 'number' ? cursor : 0;
      const reply = await reader.read(look(`page-${page}`), { kind: 'events' });
      if (!reply.ok) return { outcome: 'none', refused: reply };
      const last = page + 1 >= Number(input['pages']);
      return last ? { outcome: 'all', facts: { pages: page + 1 } } : { cursor: page + 1, progress: { done: page + 1, total: Number(input['pages']) } };
    },
  }),
  'toy.quiet': defineCollector({
    summary: text,
    calls: ['ram:GetSwitch'],
    input: z.object({}),
    gives: [],
    async slice(reader, { now }, cursor) {
      await reader.read(look('quiet'));
      if (typeof cursor === 'string' && now >= cursor) return { outcome: 'quiet' };
      const until = typeof cursor === 'string' ? cursor : new Date(Date.parse(now) + 600_000).toISOString();
      return { cursor: until, waitUntil: until };
    },
  }),
  'toy.off': defineAction({
    summary: text,
    class: 'R2',
    calls: ['ram:SetSwitch', 'ram:GetSwitch'],
    undoes: [],
    targets: 'switch',
    input: z.object({}),
    needs: ['volatile'],
    loses: text,
    leaves: text,
    console: text,
    withinMs: 60_000,
    async before(reader, target) {
      const reply = await reader.read(look(target.id), { kind: 'before', target: target.id });
      if (!reply.ok) return { status: 'unreadable', note: both('unreadable') };
      return reply.body['On'] === true ? { status: 'ready', state: { on: true } } : { status: 'already', note: both('off already') };
    },
    plan: (targets: readonly Target[]) => targets.map(({ id }) => ({ call: flip(id, false), targets: [id] })),
    async holds(reader, target) {
      const reply = await reader.read(look(target.id));
      if (!reply.ok) return { status: 'unknown' };
      return { status: reply.body['On'] === false ? 'yes' : 'no' };
    },
    undo: (target) => [flip(target.id, true)],
  }),
};

export type World = { readonly disk: Disk; readonly toy: Toy; readonly clock: ReturnType<typeof aClock>; readonly runbook: Runbook; readonly operations: Registry };

/** A world whose case is opened and holds nothing else. */
export function aWorld(runbook: Runbook, toy: Toy = aToy('a', 'b'), operations: Registry = toyOperations): World {
  const disk = aDisk();
  const clock = aClock();
  disk.entries.push({
    type: 'case.opened',
    case: 'case-1',
    origin: 'exercise',
    mode: 'live',
    runbook: runbook.id,
    runbookSha256: 'root',
    endpoint: 'http://127.0.0.1:1',
    key: '',
    version: '0',
    by: 'tester',
    lang: 'en',
    credential: 'profile:test',
    seq: 0,
    prev: '',
    at: clock.now().toISOString(),
    sig: '',
  });
  return { disk, toy, clock, runbook, operations };
}

/** The run as a fresh process would open it. */
export function aRun(world: World, breaker: Breaker = aBreaker(), signal: AbortSignal = new AbortController().signal, children: Readonly<Record<string, Runbook>> = {}): Run {
  const ports: Ports = {
    store: aStore(world.disk, world.clock, breaker),
    cloud: aToyCloud(world.toy, breaker),
    clock: world.clock,
    by: 'tester',
    version: '0',
    child: async (id) => Promise.resolve({ runbook: id, runbookSha256: id }),
    signal,
  };
  return openRun(ports, (sha) => (sha === 'root' ? world.runbook : (children[sha] as Runbook)), world.operations);
}

// Containing a large attack: 400 keys off, 200 users denied, 500 machines in 30 regions kept and quarantined, beside what the limits allow.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type * as Index from '../src/actions/index.ts';
import type * as Ecs from '../src/actions/ecs.ts';
import type * as Wire from '../src/actions/wire.ts';
import type { Collector, Target } from '../src/actions/define.ts';
import type * as CloudModule from '../src/adapters/alibaba/cloud.ts';
import type * as ClockModule from '../src/adapters/clock.ts';
import type * as Disk from '../src/adapters/disk.ts';
import type { Entry } from '../src/casefile/entry.ts';
import type * as Format from '../src/casefile/format.ts';
import type * as Answer from '../src/engine/answer.ts';
import type * as Drive from '../src/engine/drive.ts';
import type * as Pending from '../src/engine/pending.ts';
import type * as RunModule from '../src/engine/run.ts';
import type * as Parse from '../src/runbook/parse.ts';
import { timed, type Bench } from './figure.ts';
import { inFolder } from './process.ts';

const built = async <T>(path: string): Promise<T> => (await import(new URL(`../dist/${path}`, import.meta.url).href)) as T;

const latencyMs = 80;
const perSecond = 100;
const mostOverBound = 1.25;
const leastFaster = 8;

const both = (en: string) => ({ en, zh: en });
const on = (next: string) => ({ all: next, some: next, none: next });
const acting = (id: string, use: string, over: string, next: string, args = {}) => [
  { id: `approve-${id}`, kind: 'approve', act: id, verb: 'do', on: { approved: id, declined: next } },
  { id, kind: 'act', use, over, with: args, on: on(next) },
];
const looking = (id: string, use: string, next: string, args = {}) => ({ id, kind: 'collect', use, with: args, on: on(next) });

const book = {
  id: 'contain',
  version: 1,
  title: both('Contain'),
  summary: both('For the bench.'),
  owners: ['bench'],
  reviewed: '2026-01-31',
  threat: both('None.'),
  attack: ['T1078.004'],
  severity: 'low',
  phases: [{ id: 'work', title: both('Work') }],
  inputs: {},
  steps: [
    looking('found', 'bench.found', 'approve-keys'),
    ...acting('keys', 'ram.disableAccessKeys', 'suspects', 'approve-users'),
    ...acting('users', 'ram.denyUsers', 'theirUsers', 'volatile'),
    { id: 'volatile', kind: 'collect', use: 'ecs.volatile', over: 'rogue', on: on('places') },
    looking('places', 'ecs.quarantinePlaces', 'approve-groups', { rogue: '$rogue' }),
    ...acting('groups', 'ecs.quarantineGroups', 'quarantinePlaces', 'places-built'),
    looking('places-built', 'ecs.quarantinePlaces', 'approve-quarantine', { rogue: '$rogue' }),
    ...acting('quarantine', 'ecs.quarantine', 'rogue', 'closed', { places: '$quarantinePlaces' }),
    { id: 'closed', kind: 'end', as: 'done' },
  ].map((step) => ({ phase: 'work', title: both(step.id), text: both(step.id), ...step })),
};

type Account = { readonly url: string; readonly accessKeyId: string; readonly accessKeySecret: string; readonly regions: readonly string[] };

/** Finding them is not what is measured: all of it is known when the clock starts. */
async function found(regions: readonly string[], users: number): Promise<Collector> {
  const { readPages, describeInstances, instancesIn } = await built<typeof Ecs>('actions/ecs.js');
  const { z } = await import('zod');
  const { pool } = await built<typeof Wire>('actions/wire.js');
  const keys = Array.from({ length: users * 2 }, (_, index): Target => {
    const user = Math.floor(index / 2);
    return { id: `LTAI5tEXAMPLE${String(user).padStart(5, '0')}${index % 2}`, kind: 'access-key', data: { userName: `user-${user}` } };
  });
  const theirUsers = Array.from({ length: users }, (_, user): Target => ({ id: `user-${user}`, kind: 'ram-user', data: { userName: `user-${user}`, made: true } }));
  return {
    kind: 'collector',
    summary: both('found'),
    calls: ['ecs:DescribeInstances'],
    input: z.object({}),
    gives: ['suspects', 'theirUsers', 'rogue'],
    async slice(reader) {
      const lists = await pool(regions, 30, async (region) => readPages(reader, (token) => describeInstances(region, token)));
      const machines = lists.flatMap((pages) => ('refusal' in pages ? [] : pages.bodies.flatMap(instancesIn)));
      const rogue = machines.map(({ id, region, image, created, tags, type }): Target => ({ id, kind: 'instance', region, data: { region, image, created, tags, type } }));
      return { outcome: 'all', facts: { suspects: keys, theirUsers, rogue } };
    },
  };
}

/** Plays the book on the account; gives its trail and how long it took from the first act on. */
async function play(folder: string, { url, accessKeyId, accessKeySecret, regions }: Account): Promise<{ readonly entries: readonly Entry[]; readonly ms: number }> {
  const [{ openDisk }, { format }, { openCloud }, { hostClock }, { openRun }, { drive }, { giveAnswer }, { pendingOf }, { parseRunbook }, { actions }] = await Promise.all([
    built<typeof Disk>('adapters/disk.js'),
    built<typeof Format>('casefile/format.js'),
    built<typeof CloudModule>('adapters/alibaba/cloud.js'),
    built<typeof ClockModule>('adapters/clock.js'),
    built<typeof RunModule>('engine/run.js'),
    built<typeof Drive>('engine/drive.js'),
    built<typeof Answer>('engine/answer.js'),
    built<typeof Pending>('engine/pending.js'),
    built<typeof Parse>('runbook/parse.js'),
    built<typeof Index>('actions/index.js'),
  ]);
  const { runbook, problems } = parseRunbook(JSON.stringify(book), 'contain');
  if (!runbook) throw new Error(JSON.stringify(problems));
  const clock = hostClock();
  const opened = {
    origin: 'exercise',
    mode: 'live',
    runbook: 'contain',
    runbookSha256: '0'.repeat(64),
    endpoint: url,
    version: '0',
    lang: 'en',
    credential: 'profile:bench',
  } as const;
  const store = await openDisk(format).createCase({ vault: folder, stateDir: folder, id: 'CONTAIN', by: 'bench', now: () => new Date(), opened });
  const credential = { accessKeyId, accessKeySecret, source: 'profile:bench' } as const;
  const limits = [{ api: '*', perSecond, concurrent: 100, scope: 'region' }] as const;
  const cloud = await openCloud({ endpoint: url, credential, clock, caseId: 'CONTAIN', version: '0', settleMs: 0, limits });
  const ports = { store, cloud, clock, by: 'bench', version: '0', child: async () => Promise.reject(new Error('no child here')), signal: new AbortController().signal };
  const run = openRun(ports, () => runbook, { ...actions, 'bench.found': await found(regions, 200) });
  const steps = async (until: (step: string) => boolean): Promise<void> => {
    for (;;) {
      const stop = await drive(run, { budget: () => true });
      const pending = pendingOf(run.state);
      if (stop.state === 'closed' || pending === null || until(pending.step)) return;
      if (pending.kind !== 'approve') throw new Error(`${pending.step}: ${pending.question.en}`);
      await giveAnswer(run, { step: pending.step, value: pending.expects?.text ?? '', via: 'answer', lang: 'en' });
    }
  };
  try {
    await steps((step) => step === 'approve-keys');
    const ms = await timed(() => steps(() => false));
    if (!run.state.closed) throw new Error('it did not come to its end');
    return { entries: store.entries(), ms };
  } finally {
    await cloud.close();
    await store.close();
  }
}

type Phase = { readonly calls: Map<string, number> };

/** What the limits allow: phase after phase (before, each sort of write, after), the busiest API of each at its rate, one answer at least. */
function boundOf(entries: readonly Entry[]): { readonly ms: number; readonly calls: number; readonly sealed: number } {
  const phases = new Map<string, Phase>();
  const writing = new Set<string>();
  let calls = 0;
  for (const entry of entries) {
    if (entry.type === 'call.intended') writing.add(entry.step);
    if (entry.type !== 'call.finished' || entry.step === 'found') continue;
    calls += 1;
    const part = entry.effect === 'write' ? entry.action : writing.has(entry.step) ? 'after' : 'before';
    const phase = phases.get(`${entry.step} ${part}`) ?? { calls: new Map<string, number>() };
    phases.set(`${entry.step} ${part}`, phase);
    const gate = `${entry.product}:${entry.action} ${entry.region}`;
    phase.calls.set(gate, (phase.calls.get(gate) ?? 0) + 1);
  }
  const ms = [...phases.values()].reduce((sum, phase) => sum + Math.max(latencyMs, (Math.max(...phase.calls.values()) / perSecond) * 1000), 0);
  return { ms, calls, sealed: entries.filter(({ type }) => type === 'evidence.sealed').length };
}

export const contain: Bench = () =>
  inFolder(async (folder) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('contain-account.ts', import.meta.url)), folder, String(latencyMs), String(perSecond)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface({ input: child.stdout });
      const { value: line } = (await lines[Symbol.asyncIterator]().next()) as { value: string };
      const { entries, ms } = await play(folder, JSON.parse(line) as Account);
      const bound = boundOf(entries);
      const oneByOne = bound.calls * latencyMs;
      const ratio = ms / bound.ms;
      const faster = oneByOne / ms;
      const name = 'containing 200 users, 400 keys, 500 machines in 30 regions, 80 ms, 100/s';
      return [
        {
          name,
          measured: `${(ms / 1000).toFixed(1)} s for ${bound.calls} calls and ${bound.sealed} sealed answers`,
          floor: `the limits: ${(bound.ms / 1000).toFixed(1)} s`,
          ratio,
          bar: `<= ${mostOverBound} x`,
          reached: ratio <= mostOverBound,
        },
        {
          name: 'the same, one call after another',
          measured: `${faster.toFixed(1)} x faster`,
          floor: `${bound.calls} x ${latencyMs} ms: ${(oneByOne / 1000).toFixed(0)} s`,
          bar: `>= ${leastFaster} x`,
          reached: faster >= leastFaster,
        },
      ];
    } finally {
      child.kill('SIGINT');
    }
  });

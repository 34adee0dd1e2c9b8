// A whole case in memory: a signed trail, objects, a clock and a toy account that refuses, loses answers and holds back by seed. No disk, no HTTP.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Action, Call, Collector, Reply } from '../../src/actions/define.ts';
import { defineCollector } from '../../src/actions/define.ts';
import { link, type Tip } from '../../src/casefile/chain.ts';
import type { Draft, Entry } from '../../src/casefile/entry.ts';
import { privateKeyOf, signerOf } from '../../src/casefile/signing.ts';
import { verify, type ObjectFound } from '../../src/casefile/verify.ts';
import type { Verdict } from '../../src/casefile/verdict.ts';
import { renderWitness } from '../../src/casefile/witness.ts';
import type { CaseStore, Cloud } from '../../src/engine/ports.ts';
import { openRun, type Registry, type Run } from '../../src/engine/run.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import type { Effect } from '../../src/range/world.ts';
import { aRunbook, both } from './runbooks.ts';
import { twoOperations } from './two.ts';
import { aClock } from './world.ts';

/** The responder at work in the toy account. */
export const self = { accessKeyId: 'LTAI5tEXAMPLEir00009', userName: 'ir-oncall' } as const;

const off = twoOperations['toy.off'] as Action;

export const memoryOperations: Registry = {
  ...twoOperations,
  'toy.who': defineCollector({
    summary: both('who'),
    calls: ['ram:GetSwitch'],
    input: z.object({}),
    gives: ['identity', 'account'],
    async slice() {
      const identity = { account: '1000000000000042', type: 'RAMUser', arn: `acs:ram::1000000000000042:user/${self.userName}`, principal: '2', userName: self.userName };
      return Promise.resolve({ outcome: 'all', facts: { identity, account: identity.account } });
    },
  }),
  'toy.off': {
    ...off,
    debt: { what: both('off for now'), days: 30 },
    guard: (target, context) => (target.id === context.identity?.accessKeyId ? both('in use') : undefined),
  },
  'toy.delete': {
    ...(twoOperations['toy.delete'] as Action),
    guard: (target, context) => (target.id === context.identity?.accessKeyId ? both('in use') : undefined),
  },
  'toy.quiet': { ...(twoOperations['toy.quiet'] as Collector) },
};

/** One of every kind of step, so that every kind of question comes up. */
export function everyKind(): Runbook {
  return aRunbook({
    cut: 'approve-off',
    inputs: {
      ticket: { title: both('Which ticket?'), example: 'T-1' },
      severity: { title: both('How grave?'), choices: { high: both('high'), low: both('low') }, example: 'high' },
    },
    steps: [
      { id: 'who', kind: 'collect', use: 'toy.who', skip: false, on: { all: 'confirm', some: 'confirm', none: 'stopped' } },
      { id: 'confirm', kind: 'approve', confirm: 'account', verb: 'confirm', skip: false, on: { approved: 'record', declined: 'stopped' } },
      { id: 'record', kind: 'collect', use: 'toy.record', background: true, on: { started: 'where' } },
      { id: 'where', kind: 'ask', fact: 'where', format: 'list', on: { answered: 'find' } },
      { id: 'find', kind: 'collect', use: 'toy.find', on: { all: 'keep', some: 'keep', none: 'now-what' } },
      { id: 'keep', kind: 'collect', use: 'toy.keep', over: 'switches', on: { all: 'approve-off', some: 'approve-off', none: 'now-what' } },
      { id: 'approve-off', kind: 'approve', act: 'off', verb: 'stop', on: { approved: 'off', declined: 'now-what' } },
      { id: 'off', kind: 'act', use: 'toy.off', over: 'switches', on: { all: 'tell', some: 'tell', none: 'now-what' } },
      { id: 'now-what', kind: 'decide', choices: { again: { label: both('again') }, stop: { label: both('stop') } }, on: { again: 'find', stop: 'learn' } },
      { id: 'tell', kind: 'notify', who: both('the owner'), message: both('it is off'), on: { done: 'quiet', failed: 'quiet' } },
      { id: 'quiet', kind: 'watch', use: 'toy.quiet', background: true, on: { started: 'hand' } },
      { id: 'hand', kind: 'manual', on: { done: 'another', failed: 'another' } },
      { id: 'another', kind: 'case', runbook: 'child', on: { closed: 'look', aborted: 'look' } },
      { id: 'look', kind: 'watch', use: 'toy.quiet', on: { quiet: 'approve-delete', active: 'learn', unverified: 'approve-delete' } },
      { id: 'approve-delete', kind: 'approve', act: 'delete', verb: 'delete', on: { approved: 'delete', declined: 'learn' } },
      { id: 'delete', kind: 'act', use: 'toy.delete', over: 'switches', needs: ['record', 'quiet'], on: { all: 'learn', some: 'learn', none: 'learn' } },
      { id: 'learn', kind: 'review', fact: 'lesson', example: 'what was learnt', on: { done: 'closed' } },
      { id: 'closed', kind: 'end', as: 'handled', needs: ['record'] },
      { id: 'stopped', kind: 'end', as: 'stopped' },
    ],
  });
}

function childBook(): Runbook {
  return aRunbook({
    id: 'child',
    steps: [
      { id: 'find', kind: 'collect', use: 'toy.find', on: { all: 'keep', some: 'keep', none: 'over' } },
      { id: 'keep', kind: 'collect', use: 'toy.keep', over: 'switches', on: { all: 'agree', some: 'agree', none: 'over' } },
      { id: 'agree', kind: 'approve', act: 'child-off', verb: 'stop', on: { approved: 'child-off', declined: 'over' } },
      { id: 'child-off', kind: 'act', use: 'toy.off', over: 'switches', on: { all: 'over', some: 'over', none: 'over' } },
      { id: 'over', kind: 'end', as: 'done' },
    ],
  });
}

export type Memory = {
  readonly run: Run;
  readonly clock: ReturnType<typeof aClock>;
  readonly effects: readonly Effect[];
  /** The whole trail and its objects, checked as any verifier would. */
  verify(): Verdict;
};

/** A fresh case on ports in memory; `roll` decides what the account refuses. */
export function aMemory(roll: () => number): Memory {
  const clock = aClock();
  const store = aSignedStore(clock);
  const effects: Effect[] = [];
  const books: Readonly<Record<string, Runbook>> = { [sha('root')]: everyKind(), [sha('child')]: childBook() };
  store.open(sha('root'));
  store.hold(Buffer.from('root'));
  const run = openRun(
    {
      store: store.port,
      cloud: aMoodyCloud(roll, clock, effects),
      clock,
      by: 'ana',
      version: '0',
      child: async () => {
        store.hold(Buffer.from('child'));
        return Promise.resolve({ runbook: 'child', runbookSha256: sha('child') });
      },
      signal: new AbortController().signal,
    },
    (sha256) => books[sha256] as Runbook,
    memoryOperations,
  );
  return { run, clock, effects, verify: store.verify };
}

function sha(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

function aSignedStore(clock: ReturnType<typeof aClock>): { port: CaseStore; open(runbookSha256: string): void; hold(bytes: Uint8Array): string; verify(): Verdict } {
  const signer = signerOf(privateKeyOf(Buffer.alloc(32, 7)));
  const entries: Entry[] = [];
  const lines: Buffer[] = [];
  const objects = new Map<string, Uint8Array>();
  const running = createHash('sha256');
  let tip: Tip | undefined;
  let bytes = 0;
  const write = (draft: Draft): Entry => {
    if (entries.at(-1)?.type === 'case.closed') throw new Error(`${draft.type} was appended to a closed case`);
    const linked = link(tip, draft, clock.now().toISOString(), signer.sign);
    tip = linked.tip;
    bytes += linked.line.length;
    running.update(linked.line);
    lines.push(linked.line);
    const entry = JSON.parse(linked.line.toString('utf8')) as Entry;
    entries.push(entry);
    return entry;
  };
  const hold = (held: Uint8Array): string => {
    objects.set(sha(held), held);
    return sha(held);
  };
  const port: CaseStore = {
    id: 'CASE-1',
    dir: '/nowhere',
    append: async (...drafts) => Promise.resolve(drafts.map(write)),
    entries: () => entries,
    refresh: async () => Promise.resolve([]),
    async put(source) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source) chunks.push(chunk);
      const all = Buffer.concat(chunks);
      return { sha256: hold(all), bytes: all.length };
    },
    async seal(held, custody, frame) {
      const sealed = { sha256: hold(held), bytes: held.length };
      write({ type: 'evidence.sealed', ...sealed, ...custody, ...(frame === undefined ? {} : { frame }) });
      return Promise.resolve(sealed);
    },
    object: async (sha256) => Promise.resolve(objects.get(sha256) as Uint8Array),
    witness: () => renderWitness('CASE-1', bytes, running.copy().digest('hex')),
    drive: (work) => work(),
    close: async () => Promise.resolve(),
  };
  const found = (): ReadonlyMap<string, ObjectFound> => new Map([...objects].map(([sha256, held]) => [sha256, { sha256: sha(held), bytes: held.length }]));
  return {
    port,
    hold,
    verify: () => verify(Buffer.concat(lines), found()),
    open: (runbookSha256) =>
      void write({
        type: 'case.opened',
        case: 'CASE-1',
        origin: 'exercise',
        mode: 'live',
        runbook: 'sample',
        runbookSha256,
        endpoint: 'http://127.0.0.1:1',
        key: signer.key,
        version: '0',
        by: 'ana',
        lang: 'en',
        credential: 'profile:test',
      }),
  };
}

/** Switches, one of them our own key, one not theirs. A few calls in a hundred are refused, get lost on the way, or lose their answer. */
function aMoodyCloud(roll: () => number, clock: ReturnType<typeof aClock>, effects: Effect[]): Cloud {
  const on: Record<string, boolean> = { a: true, b: true, c: roll() < 0.5, 'ours-1': true, [self.accessKeyId]: true };
  let count = 0;
  /** After a lost answer the account is often not to be read either. */
  let blind = 0;
  const refused = (refusal: 'denied' | 'unknown', code: string): Reply => ({ ok: false, refusal, code, message: 'by chance', retries: 0 });
  const act = (call: Call, requestId: string): void => {
    const name = call.params['Name'] ?? '';
    on[name] = call.params['On'] === 'true';
    effects.push({ ...call, at: clock.now().toISOString(), accessKeyId: self.accessKeyId, requestId, targets: [name], changed: true });
  };
  return {
    settleMs: 1_000,
    endpoint: 'http://127.0.0.1:1',
    accessKeyId: self.accessKeyId,
    source: 'profile:test',
    async send(call) {
      await Promise.resolve();
      count += 1;
      const requestId = `R-${count}`;
      const luck = roll();
      if (call.effect === 'read' && blind > 0) {
        blind -= 1;
        return refused('denied', 'Throttled.User');
      }
      if (luck < 0.06) return refused('denied', 'NoPermission');
      if (call.effect === 'write') {
        if (luck < 0.16 && roll() < 0.4) blind = 1;
        if (luck < 0.1) return refused('unknown', 'Timeout');
        act(call, requestId);
        if (luck < 0.16) return refused('unknown', 'Timeout');
      }
      const body = call.effect === 'write' ? {} : { On: on[call.params['Name'] ?? ''] ?? false, Names: Object.keys(on) };
      return { ok: true, status: 200, text: JSON.stringify(body), body, requestId, redactions: [], retries: 0 };
    },
    close: async () => Promise.resolve(),
  };
}

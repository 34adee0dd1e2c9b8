// The acts on machines under the real engine, SDKs and disk: whatever happens to an answer, each change is made once and found again.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import type { Entry } from '../../src/casefile/entry.ts';
import { playOn } from '../../src/cli/play.ts';
import { writeReport } from '../../src/cli/report.ts';
import { driving, newSession, type Session } from '../../src/cli/session.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import { checkRunbook } from '../../src/engine/check.ts';
import { pendingOf, type Pending } from '../../src/engine/pending.ts';
import { secretOf, WorldSeed } from '../../src/range/seed.ts';
import type { RangeOptions } from '../../src/range/server.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import { machinesBook } from '../support/machines-book.ts';
import { leaked } from '../support/night.ts';
import { responderKey, rogueNight } from '../support/rogue-night.ts';
import { aBench, type Bench } from '../support/shell.ts';

let books: string;
let bench: Bench;
let session: Session;

beforeAll(async () => {
  books = await mkdtemp(join(tmpdir(), 'books-'));
  await mkdir(join(books, 'machines'));
  await writeFile(join(books, 'machines', 'runbook.yaml'), machinesBook);
});
afterAll(() => rm(books, { recursive: true }));

async function open(faults: RangeOptions['faults'] = []): Promise<void> {
  const seed = WorldSeed.parse(rogueNight);
  const credential = { accessKeyId: responderKey, accessKeySecret: secretOf({ id: responderKey }), source: 'drill' } as const;
  bench = await aBench({ world: { seed, start: new Date(seed.start), credential }, runbooks: books, faults, readTimeoutMs: 400, settleMs: 100 });
  session = await newSession(bench.shell, { id: 'MACHINES', runbook: 'machines', time: { kind: 'host' } });
}

/** Plays to the end, each approval typed as a person would; gives what is asked otherwise. */
async function play(): Promise<Pending | null> {
  let inputs = [`accessKeyId=${leaked}`];
  for (;;) {
    const stop = await playOn(session, { inputs, answers: {} });
    inputs = [];
    if (stop.state === 'running') continue;
    const pending = pendingOf(session.run.state);
    // What stays for a time (quarantine, locks) has somebody answer for it before the case ends.
    const isDebt = pending?.kind === 'ask' && pending.step.startsWith('debt.');
    if (pending === null || (pending.kind !== 'approve' && !isDebt)) return pending;
    const value = (isDebt ? pending.expects?.example : pending.expects?.text) ?? '';
    await driving(session, () => giveAnswer(session.run, { step: pending.step, value, via: 'answer', lang: 'en' }));
  }
}

type Written = Extract<Entry, { type: 'call.finished' }>;
const written = (action: string): readonly Written[] =>
  session.store.entries().filter((entry): entry is Written => entry.type === 'call.finished' && entry.effect === 'write' && entry.action === action);
/** What changed the account, by the account's own record. */
const changes = (action: string) => bench.range.effects().filter((effect) => effect.action === action && effect.changed);

const writes = {
  ModifyAutoProvisioningGroup: 1,
  ModifyInstanceAutoReleaseTime: 1,
  CreateSecurityGroup: 3,
  ModifySecurityGroupPolicy: 3,
  AuthorizeSecurityGroupEgress: 3,
  ModifyNetworkInterfaceAttribute: 1,
  DetachInstanceRamRole: 2,
  CreateSnapshotGroup: 1,
  CreateSnapshot: 4,
  LockSnapshot: 6,
  StopInstances: 2,
} as const;

async function expectDone(): Promise<void> {
  expect(session.run.state.closed).toMatchObject({ outcome: 'closed' });
  for (const [action, times] of Object.entries(writes)) expect([action, changes(action).length]).toEqual([action, times]);
  const outcomes = session.store.entries().flatMap((entry) => (entry.type === 'step.finished' ? [[entry.step, entry.outcome]] : []));
  for (const step of ['close', 'keep', 'groups', 'quarantine', 'roles', 'snapshots', 'lock', 'stop']) expect(outcomes).toContainEqual([step, 'all']);
  expect(await bench.shell.verify('MACHINES', { witnesses: [], open: false })).toMatchObject({ ok: true });
}

const flaws = (text: string): readonly string[] => {
  const { runbook, problems } = parseRunbook(text, 'machines.yaml');
  return (runbook ? checkRunbook(runbook, actions) : problems).map(({ code, message }) => `${code} ${message}`);
};

it('a runbook of these acts keeps every law; one that releases machines needs the disks, the record and the quiet besides', () => {
  expect(flaws(machinesBook)).toEqual([]);
  const releasing = flaws(machinesBook.replace('ecs.stopInstances', 'ecs.deleteInstances'));
  expect(new Set(releasing.map((flaw) => flaw.split(' ')[0]))).toEqual(new Set(['R_EVIDENCE', 'R_QUIET', 'R_RECORD']));
  expect(releasing.join()).toContain('loses "disk-snapshot" before it is sealed');
});

describe('from the launchers to the stop', () => {
  afterEach(async () => {
    await session.close();
    await bench.end();
  });

  it('everything is done once, read back, with undo cards; nothing of the attacker comes through raw', async () => {
    await open();
    expect(await play()).toBeNull();
    await expectDone();
    const cards = session.store.entries().flatMap((entry) => (entry.type === 'undo.saved' ? [entry] : []));
    expect(cards.find(({ step, target }) => step === 'quarantine' && target === 'i-rogue1')?.calls).toMatchObject([
      { action: 'ModifyInstanceAttribute', params: { 'SecurityGroupIds.1': 'sg-web', 'SecurityGroupIds.2': 'sg-db' } },
      { action: 'ModifyNetworkInterfaceAttribute', params: { 'SecurityGroupId.1': 'sg-db' } },
    ]);
    const report = await writeReport(bench.shell, session.store, 'en');
    // eslint-disable-next-line no-control-regex
    expect(await bench.shell.read(report.path)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  }, 60_000);

  it.each([
    ['a 503 after the effect', '503-after-effect', 'reconciled'],
    ['a reset after the effect', 'reset-after-effect', 'reconciled'],
    ['an HTML 502 before the effect', 'html-502', 'redone'],
  ] as const)(
    '%s of every first call changes the account no second time',
    async (_, fault, how) => {
      await open(Object.keys(writes).map((action) => ({ match: { action, nth: 1 }, do: fault })));
      expect(await play()).toBeNull();
      await expectDone();
      for (const action of Object.keys(writes)) expect([action, written(action).some((entry) => entry.result === 'done' && entry.how === how)]).toEqual([action, true]);
    },
    90_000,
  );

  it('a machine whose groups may not be changed is named, and the others are quarantined', async () => {
    await open([{ match: { action: 'ModifyInstanceAttribute', region: 'ap-southeast-1' }, do: 'deny' }]);
    expect(await play()).toMatchObject({ step: 'keep', kind: 'failed' });
    expect(changes('ModifyInstanceAttribute').map(({ region }) => region)).toEqual(['cn-beijing', 'cn-beijing']);
  }, 60_000);

  it('a role that one machine will not give up is asked about, by its own answer inside a 200', async () => {
    await open([{ match: { action: 'DetachInstanceRamRole', region: 'cn-beijing' }, do: 'partial', code: 'OperationConflict', targets: ['i-rogue2'] }]);
    const pending = await play();
    expect(pending).toMatchObject({ step: 'roles', kind: 'failed' });
    expect(pending?.question.en).toContain('OperationConflict');
  }, 60_000);
});

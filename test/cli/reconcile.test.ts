// The trail against the account's own log, over HTTP: what matches, what is missing on either side, and what is too early to tell.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import { parse } from '../../src/cli/args.ts';
import { reconcile } from '../../src/cli/reconcile.ts';
import { playOn } from '../../src/cli/play.ts';
import { driving, newSession, type Session } from '../../src/cli/session.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import { aCli, filesOf, leaked } from '../support/cli.ts';
import { aBench, firstNight, type Bench, type BenchOptions } from '../support/shell.ts';

type Found = {
  readonly state: string;
  readonly ours: { readonly total: number; readonly matched: number; readonly early: number };
  readonly log: { readonly total: number; readonly matched: number };
  readonly mismatches: readonly { readonly kind: string; readonly action: string; readonly requestId: string; readonly seq?: number; readonly agent?: string }[];
  readonly lookAgainAt?: string;
  readonly coverage: { readonly regionsRead: readonly string[]; readonly regionsMissed: readonly { readonly region: string }[] };
  readonly entry?: number;
};

let bench: Bench;
let session: Session;
const held: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of held.splice(0)) await end();
});

/** A live case that has cut both keys, on an account in virtual time. */
async function aCutCase(options: BenchOptions = {}): Promise<void> {
  bench = await aBench(options);
  session = await newSession(bench.shell, { id: 'INC-R', runbook: 'leaked-access-key', time: { kind: 'host' } });
  held.push(
    () => session.close(),
    () => bench.end(),
  );
  await playOn(session, { inputs: [`accessKeyId=${leaked}`], answers: {} });
  for (;;) {
    const pending = pendingOf(session.run.state);
    if (pending?.kind !== 'approve') break;
    await driving(session, () => giveAnswer(session.run, { step: pending.step, value: pending.expects?.text ?? '', via: 'answer', lang: 'en' }));
    await playOn(session, { answers: {} });
  }
  expect(bench.range.effects().filter(({ action }) => action === 'UpdateAccessKey').length).toBeGreaterThan(1);
}

async function compared(shell: Shell = bench.shell): Promise<{ readonly status: number; readonly found: Found; readonly text: string }> {
  const said: string[] = [];
  const out = (text: string): void => void said.push(text);
  const words = parse(reconcile.usage, ['INC-R'], reconcile.flags, reconcile.words);
  const status = await reconcile.run({ ...shell, json: true, out }, words);
  await reconcile.run({ ...shell, lang: 'zh', out }, words);
  expect(said).toHaveLength(2);
  return { status, found: JSON.parse(said[0] ?? '') as Found, text: said[1] ?? '' };
}

/** How many writes the trail tells. */
const writes = (): number => session.store.entries().filter((entry) => entry.type === 'call.finished' && entry.effect === 'write').length;
const later = async (minutes: number): Promise<void> => bench.range.clock.jumpTo(new Date(bench.range.clock.now().getTime() + minutes * 60_000), 'a test waits');

describe('a case whose log is complete', () => {
  it('matches both ways, keeps the result as evidence and changes nothing', async () => {
    await aCutCase();
    await later(11);
    const effects = bench.range.effects().length;
    const { status, found, text } = await compared();
    expect(found).toMatchObject({ state: 'matched', ours: { total: writes(), matched: writes(), early: 0 }, log: { total: writes(), matched: writes() }, mismatches: [] });
    expect({ status, read: found.coverage.regionsRead.length > 20, missed: found.coverage.regionsMissed }).toEqual({ status: 0, read: true, missed: [] });
    expect(text).toContain('双向一致');
    expect(text).toMatch(/^EXERCISE 案件: INC-R/);
    expect(bench.range.effects()).toHaveLength(effects);
    await session.store.refresh();
    const kept = session.store.entries().filter((entry) => entry.type === 'evidence.sealed' && entry.kind === 'reconciliation');
    expect(kept.map(({ seq }) => seq)).toContain(found.entry);
    expect(await bench.shell.verify('INC-R', { witnesses: [], open: true })).toMatchObject({ ok: true });
  }, 60_000);

  it('finds the call whose answer never came by its name, time, region and case', async () => {
    await aCutCase({ faults: [{ match: { action: 'UpdateAccessKey', nth: 1 }, do: 'reset-after-effect' }] });
    await later(11);
    const { status, found } = await compared();
    expect(session.store.entries().filter((entry) => entry.type === 'call.finished' && entry.how === 'reconciled')).not.toEqual([]);
    expect({ status, mismatches: found.mismatches, ours: found.ours }).toMatchObject({ status: 0, mismatches: [], ours: { total: writes(), matched: writes() } });
  }, 60_000);

  it("finds a write made with the responder's key outside the case", async () => {
    await aCutCase();
    const world = await firstNight();
    const other = await openCloud({
      endpoint: bench.range.url,
      credential: { ...world.credential, source: 'environment' },
      clock: bench.range.clock,
      caseId: 'ANOTHER',
      version: '0.0.0',
      settleMs: 0,
    });
    held.unshift(() => other.close());
    const made = await other.send({ product: 'ram', version: '2015-05-01', action: 'CreateUser', params: { UserName: 'by-the-way' }, region: 'cn-hangzhou', effect: 'write' });
    expect(made.ok).toBe(true);
    await later(11);
    const { status, found, text } = await compared();
    expect({ status, state: found.state, log: found.log }).toEqual({ status: 1, state: 'findings', log: { total: writes() + 1, matched: writes() } });
    expect(found.mismatches).toMatchObject([{ kind: 'outside', action: 'ram:CreateUser', requestId: made.requestId }]);
    expect(found.mismatches[0]?.agent).toContain('case/ANOTHER');
    expect(text).toContain('工具之外');
  }, 60_000);

  it('finds a write of ours that was taken out of the log', async () => {
    await aCutCase();
    await later(11);
    const claim = session.store.entries().find((entry) => entry.type === 'call.finished' && entry.effect === 'write');
    const requestId = claim?.type === 'call.finished' ? (claim.requestId ?? '') : '';
    const url = await aLogWithout(requestId);
    const shell = bench.with({ cloud: (options) => bench.shell.cloud({ ...options, endpoint: url }) });
    const { status, found, text } = await compared(shell);
    expect({ status, state: found.state, ours: found.ours }).toMatchObject({ status: 1, state: 'findings', ours: { total: writes(), matched: writes() - 1 } });
    expect(found.mismatches).toMatchObject([{ kind: 'missing', action: 'ram:UpdateAccessKey', requestId, seq: claim?.seq }]);
    expect(text).toContain('日志中没有');
  }, 60_000);

  it('does not call proven what nobody may read', async () => {
    await aCutCase({ faults: [{ match: { action: 'LookupEvents', region: 'us-west-1' }, do: 'deny' }] });
    await later(11);
    const { status, found } = await compared();
    expect({ status, state: found.state, missed: found.coverage.regionsMissed.map(({ region }) => region) }).toEqual({ status: 1, state: 'unproven', missed: ['us-west-1'] });
  }, 60_000);
});

describe('a case whose log is too young', () => {
  it('says so, and when to look again', async () => {
    await aCutCase();
    const { status, found, text } = await compared();
    expect({ status, state: found.state, mismatches: found.mismatches }).toEqual({ status: 75, state: 'early', mismatches: [] });
    expect(found.ours.early + found.ours.matched).toBe(writes());
    const wait = Date.parse(found.lookAgainAt ?? '') - bench.range.clock.now().getTime();
    expect(wait).toBeGreaterThan(9 * 60_000);
    expect(wait).toBeLessThan(11 * 60_000);
    expect(text).toContain('为时尚早');
  }, 60_000);

  it('of a drill waits in its own time, and a closed one stays as it is', async () => {
    const cli = await aCli();
    held.push(() => cli.end());
    await cli.call(['drill', 'leaked-access-key/first-night', '--case', 'EX']);
    const before = await filesOf(cli.vault);
    const { status, document } = await cli.json(['reconcile', 'EX']);
    expect(document).toMatchObject({ state: 'matched', origin: 'exercise', mismatches: [] });
    expect(status).toBe(0);
    expect(await filesOf(cli.vault)).toEqual(before);
    expect((await cli.call(['reconcile', 'NOPE'])).status).toBe(65);
  }, 90_000);
});

/** The range, with one event taken out of every answer of its log. */
async function aLogWithout(requestId: string): Promise<string> {
  const server: Server = createServer((incoming, response) => {
    const target = new URL(incoming.url ?? '/', bench.range.url);
    const onward = request(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as { readonly Events?: readonly { readonly requestId: string }[] };
        const kept = body.Events ? { ...body, Events: body.Events.filter((event) => event.requestId !== requestId) } : body;
        const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, headers).end(JSON.stringify(kept));
      });
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  held.unshift(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

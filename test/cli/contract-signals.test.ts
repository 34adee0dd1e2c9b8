// What happens to a process happens to its case: Ctrl-C, kill -9, a process that hangs, a second one at the same time.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Range, RangeFault } from '../../src/range/server.ts';
import { aCli, anAccount, leaked, until, witnessesIn, type Cli, type Running } from '../support/cli.ts';

let cli: Cli;
let account: Range;

beforeEach(async () => {
  cli = await aCli();
});
afterEach(async () => {
  await cli.end();
  await account.close();
});

const firstCut = (fault: object): readonly RangeFault[] => [{ match: { action: 'UpdateAccessKey', nth: 1 }, ...fault } as RangeFault];

/** A process that has just sent the first write of the cut. */
async function cutting(fault: object, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  account = await anAccount(cli, firstCut(fault));
  await cli.call(['run', 'leaked-access-key', '--case', 'C', '--input', `accessKeyId=${leaked}`]);
  const { document } = await cli.json(['answer', 'C', 'confirm-account', '000042']);
  const running = cli.start(['answer', 'C', 'approve-cut', String(document.pending?.expects?.text)], env);
  await until(async () => (await cli.entries('C')).some(({ type }) => type === 'call.intended'));
  return running;
}

const cuts = (): readonly string[] => account.effects().flatMap(({ action, params }) => (action === 'UpdateAccessKey' ? [String(params['UserAccessKeyId'])] : []));

describe('Ctrl-C', () => {
  it('during a call lets it end, starts nothing new, and can be resumed', async () => {
    const { child, ended } = await cutting({ do: 'hang-after-effect', delayMs: 1_000 });
    child.kill('SIGINT');
    const { status, out, err } = await ended;
    expect(status).toBe(130);
    expect(err).toMatch(new RegExp(`^E_INTERRUPTED: .*\nNothing is lost. Run "firebreak resume C --vault ${cli.vault}".\n$`));
    expect(out).toMatch(/witness \(pause\): C bytes=/);
    expect((await cli.entries('C')).at(-1)).toMatchObject({ type: 'case.paused', why: 'interrupted' });
    expect(await cli.json(['resume', 'C'])).toMatchObject({ status: 75, document: { pending: { step: 'approve-users' } } });
    expect(cuts().toSorted()).toEqual([...new Set(cuts())].toSorted());
    expect(cuts()).toContain(leaked);
    expect((await cli.call(['verify', 'C', '--open', ...witnessesIn(out).flatMap(({ line }) => ['--witness', line])])).status).toBe(0);
  });

  it('while an unknown outcome is waited out ends at once; the doubt stays on record', async () => {
    const { child, ended } = await cutting({ do: 'reset-after-effect' }, { FIREBREAK_SETTLE_MS: '60000' });
    await until(async () => cuts().length > 0);
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    const { status, document } = await cli.json(['status', 'C']);
    expect({ status, document }).toMatchObject({ status: 0, document: { state: 'in-doubt', pending: null } });
    expect(await cli.json(['abort', 'C', 'enough'])).toMatchObject({ status: 77, document: { error: { code: 'E_GUARD' } } });
    expect(await cli.json(['verify', 'C', '--open'])).toMatchObject({ status: 1, document: { intact: true, complete: false } });
    expect(await cli.json(['resume', 'C'])).toMatchObject({ status: 75, document: { state: 'waiting', pending: { step: 'approve-users' } } });
    expect(cuts().filter((key) => key === leaked)).toHaveLength(1);
  });
});

describe('two processes at once', () => {
  it('with the same answer: one applies, the other is told', async () => {
    account = await anAccount(cli);
    await cli.call(['run', 'leaked-access-key', '--case', 'C', '--input', `accessKeyId=${leaked}`]);
    const both = await Promise.all([1, 2].map(async () => cli.run(['answer', 'C', 'confirm-account', '000042', '--json'], { FIREBREAK_LOG: 'debug' })));
    const documents = both.map(({ out }) => JSON.parse(out) as Record<string, { readonly code?: string }>);
    const refused = documents.filter((document) => 'error' in document);
    expect(refused).toEqual([{ error: expect.objectContaining({ code: expect.stringMatching(/^E_(STALE|BUSY)$/) }) }]);
    expect(documents).toContainEqual(expect.objectContaining({ state: 'waiting', case: 'C' }));
    expect(both.some(({ err }) => err.includes('GetCallerIdentity') || err.includes('"call"'))).toBe(true);
    expect((await cli.entries('C')).filter(({ type, step }) => type === 'answer.given' && step === 'confirm-account')).toHaveLength(1);
    expect((await cli.call(['verify', 'C', '--open'])).status).toBe(0);
  });
});

describe('a process that is gone', () => {
  it('by kill -9 during a write leaves it in doubt; resume reads and does not repeat', async () => {
    const { child, ended } = await cutting({ do: 'hang-after-effect', delayMs: 30_000 });
    await until(async () => cuts().length > 0);
    child.kill('SIGKILL');
    await ended;
    expect((await cli.json(['status', 'C'])).document).toMatchObject({ state: 'in-doubt', pending: null });
    expect((await cli.call(['status', 'C', '--lang', 'zh'])).out).toContain('存疑');
    expect(await cli.json(['resume', 'C'])).toMatchObject({ status: 75, document: { state: 'waiting', pending: { step: 'approve-users' } } });
    expect(cuts().filter((key) => key === leaked)).toHaveLength(1);
    expect(await cli.entries('C')).toContainEqual(expect.objectContaining({ type: 'call.finished', target: leaked, effect: 'write', result: 'done', how: 'reconciled' }));
    expect((await cli.call(['verify', 'C', '--open'])).status).toBe(0);
  });
});

describe('the range alone', () => {
  it('serves an account that a case can be opened on, until it is told to end', async () => {
    account = await anAccount(cli);
    const { child, ended } = cli.start(['range', '--json', '--journal', join(cli.folder, 'alone.jsonl')]);
    const [first] = (await once(child.stdout as Readable, 'data')) as [Buffer];
    const { url, accessKeyId, accessKeySecret } = JSON.parse(first.toString('utf8')) as Record<string, string>;
    const opened = await cli.json(['run', 'leaked-access-key', '--case', 'C', '--input', `accessKeyId=${leaked}`], {
      FIREBREAK_ENDPOINT: url,
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    });
    expect(opened).toMatchObject({ status: 75, document: { origin: 'exercise', pending: { step: 'confirm-account' } } });
    const { port } = new URL(url as string);
    expect(await cli.json(['range', '--port', port, '--journal', join(cli.folder, 'second.jsonl')])).toMatchObject({
      status: 2,
      document: { error: { code: 'E_USAGE', message: expect.stringContaining(port) } },
    });
    expect(existsSync(join(cli.folder, 'second.jsonl'))).toBe(false);
    child.kill('SIGINT');
    expect((await ended).status).toBe(0);
  });
});

describe('a process that hangs', () => {
  it('keeps others out by name; --take-over fences it for good', async () => {
    const { child, ended } = await cutting({ do: 'hang-after-effect', delayMs: 30_000 });
    await until(async () => cuts().length > 0);
    child.kill('SIGSTOP');
    const before = await cli.trail('C');
    const busy = await cli.json(['answer', 'C', 'approve-users', 'no']);
    expect(busy).toMatchObject({
      status: 75,
      document: { error: { code: 'E_BUSY', message: expect.stringContaining(`process ${child.pid} `), hint: expect.stringContaining('firebreak resume C --take-over REASON') } },
    });
    expect(await cli.trail('C')).toEqual(before);
    expect((await cli.json(['status', 'C'])).document).toMatchObject({ state: 'in-doubt' });
    expect(await cli.json(['resume', 'C', '--take-over', 'its terminal hangs'])).toMatchObject({ status: 75, document: { pending: { step: 'approve-users' } } });
    expect(await cli.entries('C')).toContainEqual(expect.objectContaining({ type: 'lock.taken-over', lock: 'drive', reason: 'its terminal hangs' }));
    child.kill('SIGCONT');
    child.kill('SIGINT');
    const { status, err } = await ended;
    expect([74, 75, 130]).toContain(status);
    expect(err).not.toBe('');
    expect((await cli.call(['verify', 'C', '--open'])).status).toBe(0);
    expect(cuts().filter((key) => key === leaked)).toHaveLength(1);
  }, 60_000);
});

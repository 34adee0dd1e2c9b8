// Taking back, after the fact: undo cards over HTTP, cases that follow a closed one, a case handed over to another machine, a jump back.
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Range } from '../../src/range/server.ts';
import { aCli, anAccount, leaked, sha256, type Cli, type Document } from '../support/cli.ts';

let cli: Cli;
let account: Range;
const bare = { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, ALIBABA_CLOUD_ACCESS_KEY_SECRET: undefined, FIREBREAK_ENDPOINT: undefined };

type CardDocument = { readonly card: number; readonly target: string; readonly state: string; readonly calls: readonly { command: string }[]; readonly expects?: { text: string } };

beforeAll(async () => {
  cli = await aCli();
  account = await anAccount(cli);
  await cutBoth('C');
});
afterAll(async () => {
  await account.close();
  await cli.end();
});

/** Both keys are cut. */
async function cutBoth(id: string): Promise<void> {
  await cli.call(['run', 'leaked-access-key', '--case', id, '--input', `accessKeyId=${leaked}`]);
  const { document } = await cli.json(['answer', id, 'confirm-account', '000042']);
  await cli.call(['answer', id, 'approve-cut', String(document.pending?.expects?.text)]);
}

async function cards(id: string): Promise<readonly CardDocument[]> {
  return (await cli.json(['undo', id], bare)).document['cards'] as unknown as readonly CardDocument[];
}

const keyStatus = (id: string): number => account.effects().filter(({ action, targets }) => action === 'UpdateAccessKey' && targets.includes(id)).length;
const waits = (document: Document): string | undefined => document.pending?.step;

describe('undo', () => {
  it('lists the cards without a credential: what would be called, what it gives back', async () => {
    const before = await cli.trail('C');
    const { status, out } = await cli.call(['undo', 'C'], bare);
    expect(status).toBe(0);
    expect(out).toContain(`aliyun ram UpdateAccessKey --region cn-hangzhou --Status Active --UserAccessKeyId ${leaked} --UserName ci-deploy`);
    expect(out).toContain('gives back: The key works again, for whoever holds it');
    expect((await cli.call(['undo', 'C', '--lang', 'zh'], bare)).out).toContain('可撤销');
    expect(await cards('C')).toMatchObject([
      { card: 1, state: 'ready' },
      { card: 2, state: 'ready' },
    ]);
    expect(await cli.trail('C')).toEqual(before);
  });

  it('shows one, and runs it only after its exact text', async () => {
    const [card] = (await cards('C')).filter(({ target }) => target === leaked);
    const number = String(card?.card);
    const { status, out } = await cli.call(['undo', 'C', number], bare);
    expect(status).toBe(0);
    expect(out).toContain(`to run it: firebreak undo C ${number} "${card?.expects?.text}"`);
    const before = await cli.trail('C');
    for (const text of ['yes', 'y', `undo ${number}`, `undo ${number} 0000`])
      expect(await cli.json(['undo', 'C', number, text])).toMatchObject({
        status: 65,
        document: { error: { code: 'E_VALUE', message: expect.stringContaining('Nothing was done') } },
      });
    expect(await cli.json(['undo', 'C', '99'])).toMatchObject({ status: 65, document: { error: { code: 'E_VALUE' } } });
    expect(await cli.json(['undo', 'C', number, card?.expects?.text ?? ''], bare)).toMatchObject({ status: 77 });
    expect(await cli.trail('C')).toEqual(before);
    expect(keyStatus(leaked)).toBe(1);
    const waiting = waits((await cli.json(['status', 'C'])).document);

    const { status: exit, document } = await cli.json(['undo', 'C', number, card?.expects?.text ?? '']);
    expect({ exit, document }).toMatchObject({
      exit: 75,
      document: { case: 'C', undo: { card: card?.card, outcome: 'undone', note: expect.stringContaining('no longer holds') } },
    });
    expect(waits(document)).toBe(waiting);
    expect(keyStatus(leaked)).toBe(2);
    expect((await cards('C')).find(({ target }) => target === leaked)).toMatchObject({ state: 'undone' });
    const types = (await cli.entries('C')).slice(-7).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['undo.asked', 'call.intended', 'call.finished', 'undo.finished']));
    expect(await cli.json(['undo', 'C', number, card?.expects?.text ?? ''])).toMatchObject({ status: 77, document: { error: { code: 'E_GUARD' } } });
    expect((await cli.call(['verify', 'C', '--open'])).status).toBe(0);
  });

  it('is in the report: the card, the call, and that the key is not cut any more', async () => {
    const { document } = await cli.json(['report', 'C']);
    const model = document as unknown as {
      undo: { target: string; undone?: object }[];
      decision: { containment: { cut: string[]; notCut: string[] } };
      actions: { title: { en: string }; approved?: object }[];
    };
    expect(model.undo.find(({ target }) => target === leaked)?.undone).toMatchObject({ seq: expect.any(Number) });
    expect(model.decision.containment.notCut).toContain(leaked);
    expect(model.decision.containment.cut).not.toContain(leaked);
    expect(model.actions.at(-1)).toMatchObject({ title: { en: expect.stringMatching(/^Undo of card/) }, approved: { text: expect.stringMatching(/^undo /) } });
    const { out } = await cli.call(['report', 'C']);
    expect(out).toContain('TAKEN BACK');
    expect(out).not.toContain('nobody approved');
    const redacted = await cli.call(['report', 'C', '--redacted']);
    expect(redacted.err).toBe('');
    expect(redacted).toMatchObject({ status: 0, out: expect.stringContaining('TAKEN BACK') });
    expect(redacted.out).not.toContain(leaked);
  });
});

describe('after a case is closed', () => {
  it('an undo opens a case that follows it, in the same account, and leaves the closed one alone', async () => {
    await cli.call(['abort', 'C', 'handled elsewhere']);
    const before = await cli.trail('C');
    const [card] = (await cards('C')).filter(({ state }) => state === 'ready');
    const text = card?.expects?.text ?? '';
    const number = String(card?.card);
    expect(await cli.json(['undo', 'C', number, text], bare)).toMatchObject({ status: 77 });
    expect(await cli.json(['undo', 'C', number, 'yes'])).toMatchObject({ status: 65 });
    expect(await cli.cases()).toEqual(['C']);

    const { status, document } = await cli.json(['undo', 'C', number, text]);
    expect({ status, document }).toMatchObject({ status: 75, document: { case: 'C.2', continues: 'C', runbook: 'follow-up', undo: { outcome: 'undone' } } });
    expect(await cli.trail('C')).toEqual(before);
    const lines = before.toString('utf8').trimEnd().split('\n');
    expect((await cli.entries('C.2'))[0]).toMatchObject({ type: 'case.opened', continues: { case: 'C', head: sha256(Buffer.from(lines.at(-1) as string)) }, origin: 'exercise' });
    expect((await cli.entries('C.2')).find(({ type }) => type === 'identity.pinned')).toMatchObject({ account: '1000000000000042' });
    expect((await cards('C')).every(({ state }) => state === 'undone')).toBe(true);
    expect((await cards('C.2')).every(({ state }) => state === 'undone')).toBe(true);
    expect(await cli.json(['undo', 'C.2', number, text])).toMatchObject({ status: 77, document: { error: { code: 'E_GUARD' } } });
  });

  it('a note or a file goes into it with --linked; without, the refusal says so', async () => {
    expect(await cli.json(['note', 'C', 'late'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_CLOSED', hint: expect.stringContaining('--linked') } } });
    expect(await cli.json(['note', 'C', 'late', '--linked'], bare)).toMatchObject({ status: 0, document: { case: 'C.2' } });
    await writeFile(join(cli.folder, 'mail.eml'), 'late');
    expect(await cli.json(['attach', 'C', join(cli.folder, 'mail.eml'), '--linked'], bare)).toMatchObject({ status: 0, document: { case: 'C.2' } });
    expect((await cli.json(['status', 'C'])).document).toMatchObject({ state: 'closed', continuedBy: ['C.2'] });
    expect((await cli.call(['status', 'C.2'])).out).toContain('follows the closed case C');
    expect((await cli.call(['report', 'C.2'])).out).toContain('following the closed case C');
  });

  it('what follows is closed by saying what was done, verifies, and can be followed again', async () => {
    expect(waits((await cli.json(['status', 'C.2'])).document)).toBe('follow-up');
    expect(await cli.json(['answer', 'C.2', 'follow-up', 'The owner has the key back.'])).toMatchObject({ status: 0, document: { outcome: 'closed' } });
    for (const id of ['C', 'C.2']) expect((await cli.call(['verify', id])).status).toBe(0);
    expect((await cli.json(['verify', 'C.2'])).document).toMatchObject({ case: { continues: { case: 'C' } } });
    expect(await cli.json(['note', 'C', 'later still', '--linked'], bare)).toMatchObject({ status: 0, document: { case: 'C.3', continues: 'C' } });
  });

  it('a closed case that is not the one it names is not followed back', async () => {
    await cp(join(cli.vault, 'C'), join(cli.folder, 'kept'), { recursive: true });
    await rm(join(cli.vault, 'C'), { recursive: true });
    expect(await cli.json(['undo', 'C.2'], bare)).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_UNKNOWN' } } });
    await cp(join(cli.folder, 'kept'), join(cli.vault, 'C'), { recursive: true });
    const trail = await cli.trail('C');
    await writeFile(join(cli.vault, 'C', 'trail.jsonl'), trail.subarray(0, trail.lastIndexOf(10, trail.length - 2) + 1));
    expect(await cli.json(['undo', 'C.2'], bare)).toMatchObject({ status: 74, document: { error: { code: 'E_TRAIL_BROKEN' } } });
    await writeFile(join(cli.vault, 'C', 'trail.jsonl'), trail);
  });

  it('a drill goes on with its simulated account as it was left', async () => {
    await writeFile(join(cli.folder, 'cut.yaml'), `input.accessKeyId: ${leaked}\nconfirm-account: '000042'\napprove-cut: approve\n`);
    await cli.call(['drill', 'leaked-access-key/first-night', '--case', 'EX', '--answers', join(cli.folder, 'cut.yaml')], bare);
    await cli.call(['abort', 'EX', 'enough'], bare);
    const [card] = await cards('EX');
    const last = (await cli.entries('EX')).at(-1);
    expect(await cli.json(['undo', 'EX', '1', card?.expects?.text ?? ''], bare)).toMatchObject({
      status: 75,
      document: { case: 'EX.2', mode: 'drill', undo: { outcome: 'undone' } },
    });
    const entries = await cli.entries('EX.2');
    expect(String(entries[0]?.['at']) >= String(last?.['at'])).toBe(true);
    expect(entries.filter(({ type }) => type === 'call.intended')).toMatchObject([{ step: 'undo.1', targets: [card?.target] }]);
    expect(await cli.json(['answer', 'EX.2', 'follow-up', 'given back'], bare)).toMatchObject({ status: 0 });
    expect((await cli.call(['verify', 'EX.2'])).status).toBe(0);
  });
});

describe('jump', () => {
  it('goes back to a step that was visited, with its reason, and to no other', async () => {
    await cutBoth('J');
    const before = await cli.trail('J');
    expect(await cli.json(['jump', 'J', 'nowhere', 'why'])).toMatchObject({ status: 77, document: { error: { code: 'E_GUARD' } } });
    expect(await cli.json(['jump', 'J', 'quick-look', ' '])).toMatchObject({ status: 65, document: { error: { code: 'E_VALUE' } } });
    expect(await cli.trail('J')).toEqual(before);
    const { status, document } = await cli.json(['jump', 'J', 'confirm-account', 'was it the right one?']);
    expect(status).toBe(75);
    expect(waits(document)).toBe('confirm-account');
    expect((await cli.entries('J')).find(({ type }) => type === 'step.jumped')).toMatchObject({ to: 'confirm-account', reason: 'was it the right one?' });
  });
});

describe('handover', () => {
  const elsewhere = (): Record<string, string> => ({ FIREBREAK_STATE: join(cli.folder, 'other-machine') });

  it('prints the same public key of its own each time it is asked', async () => {
    const first = await cli.json(['handover'], elsewhere());
    expect(first).toMatchObject({
      status: 0,
      document: { publicKey: expect.stringMatching(/^MCowBQYDK2VwAyEA/), fingerprint: expect.stringMatching(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/) },
    });
    expect(await cli.json(['handover'], elsewhere())).toEqual(first);
    expect((await cli.json(['handover'])).document['publicKey']).not.toBe(first.document['publicKey']);
  });

  it('lets the other machine go on, endorsed by the key before it', async () => {
    await cli.call(['run', 'leaked-access-key', '--case', 'H', '--input', `accessKeyId=${leaked}`]);
    const key = String((await cli.json(['handover'], elsewhere())).document['publicKey']);
    expect(await cli.json(['resume', 'H'], elsewhere())).toMatchObject({ status: 74, document: { error: { code: 'E_KEY_MISSING' } } });
    await writeFile(join(cli.folder, 'their.pub'), `public key: ${key}\n`);
    const { status, out } = await cli.call(['handover', 'H', '--to', join(cli.folder, 'their.pub'), '--name', 'Li Wei', '--reason', 'day shift'], bare);
    expect(status).toBe(0);
    expect(out).toContain('handed over: #');
    expect((await cli.entries('H')).at(-1)).toMatchObject({ type: 'key.added', key, to: 'Li Wei', reason: 'day shift' });
    expect((await cli.json(['resume', 'H'], elsewhere())).status).toBe(75);
    const { status: verified, document } = await cli.json(['verify', 'H', '--open']);
    expect(verified).toBe(0);
    expect(document).toMatchObject({ intact: true, keys: [{ endorsed: true }, { endorsed: true }] });
    expect(document['coverage']).not.toHaveProperty('unendorsedFrom');
  });

  it.each([
    [['handover', 'H'], 2, 'E_USAGE'],
    [['handover', '--name', 'x'], 2, 'E_USAGE'],
    [['handover', 'H', '--to', 'nonsense'], 65, 'E_VALUE'],
    [['handover', 'H', '--to', `MCowBQYDK2VwAyEA${'A'.repeat(43)}=`, '--reason', ' '], 65, 'E_VALUE'],
    [['handover', 'NOPE', '--to', `MCowBQYDK2VwAyEA${'A'.repeat(43)}=`], 65, 'E_CASE_UNKNOWN'],
  ])('refuses %j and records nothing', async (words, status, code) => {
    const before = await cli.trail('H');
    expect(await cli.json(words)).toMatchObject({ status, document: { error: { code } } });
    expect(await cli.trail('H')).toEqual(before);
  });
});

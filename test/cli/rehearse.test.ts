// A rehearsal on an account: everything is read and planned, nothing is sent that changes anything, and it can never turn live.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Range } from '../../src/range/server.ts';
import { aCli, anAccount, leaked, type Cli, type Document } from '../support/cli.ts';

let cli: Cli;
let account: Range;

beforeAll(async () => {
  cli = await aCli();
  account = await anAccount(cli);
});
afterAll(async () => {
  await account.close();
  await cli.end();
});

const answer = async (step: string, value: string): Promise<Document> => (await cli.json(['answer', 'PRACTICE', step, value])).document;

it('plans the cut on the account, asks for the same text, and sends none of it', async () => {
  const { status, document } = await cli.json(['run', 'leaked-access-key', '--rehearse', '--case', 'PRACTICE', '--input', `accessKeyId=${leaked}`]);
  expect({ status, mode: document['mode'], origin: document['origin'] }).toEqual({ status: 75, mode: 'rehearse', origin: 'exercise' });
  const cut = await answer('confirm-account', '000042');
  expect((await cli.call(['answer', 'PRACTICE', 'approve-cut', 'yes'])).status).toBe(65);
  const after = await answer('approve-cut', cut.pending?.expects?.text ?? '');
  expect(after.pending?.step).toBe('still-on');
  const entries = await cli.entries('PRACTICE');
  expect(entries.filter(({ type }) => ['call.intended', 'undo.saved', 'call.doubted'].includes(type))).toEqual([]);
  expect(entries.filter(({ effect }) => effect === 'write')).toEqual([]);
  expect(entries.filter(({ status: end }) => end === 'rehearsed').map(({ target }) => target)).toEqual([leaked, 'LTAI5tEXAMPLEbk00002']);
  expect(account.effects()).toEqual([]);
}, 60_000);

it('is still a rehearsal when it is resumed, and its report claims no cut', async () => {
  const { document } = await cli.json(['resume', 'PRACTICE']);
  expect(document['mode']).toBe('rehearse');
  const { out } = await cli.call(['report', 'PRACTICE']);
  expect(out).toContain('**Nothing was cut.**');
  expect(out).toContain('every change was planned, and none was sent');
  expect((await cli.call(['verify', 'PRACTICE', '--open'])).status).toBe(0);
  expect(account.effects()).toEqual([]);
}, 60_000);

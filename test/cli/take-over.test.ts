// The third drill as it is told: the line breaks in the middle of the cut, the first person is gone with their key, another one ends the night.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { readFileSync } from 'node:fs';
import { aCli, until, type Cli, type Env } from '../support/cli.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await aCli();
});
afterAll(() => cli.end());

/** No account but the drill's own. */
const bare: Env = { FIREBREAK_ENDPOINT: undefined };
const reference = (
  parseDocument(readFileSync(new URL('../../runbooks/leaked-access-key/drills/leaked-and-locked.yaml', import.meta.url), 'utf8')).toJS() as { answers: Record<string, unknown> }
).answers;

it('the line breaks in the cut; a colleague on another machine adopts the case and ends it with a third person', async () => {
  const colleague: Env = { ...bare, FIREBREAK_STATE: join(cli.folder, 'colleague') };
  const [first, rest] = [join(cli.folder, 'first.yaml'), join(cli.folder, 'rest.yaml')];
  await writeFile(first, `input.accessKeyId: ${String(reference['input.accessKeyId'])}\nconfirm-account: approve\n`);
  const { document } = await cli.json(['drill', 'leaked-access-key/leaked-and-locked', '--case', 'N', '--answers', first, '--as', 'first'], bare);
  expect(document).toMatchObject({ pending: { step: 'approve-cut' } });

  const cutting = cli.start(['answer', 'N', 'approve-cut', String(document.pending?.expects?.text), '--as', 'first'], bare);
  await until(async () => (await cli.entries('N')).some(({ type }) => type === 'call.intended'));
  cutting.child.kill('SIGKILL');
  await cutting.ended;

  expect(await cli.json(['resume', 'N', '--as', 'colleague'], colleague)).toMatchObject({ status: 74, document: { error: { code: 'E_KEY_MISSING' } } });
  const { 'input.accessKeyId': _, 'confirm-account': __, 'approve-cut': ___, ...answers } = reference;
  await writeFile(rest, JSON.stringify(answers));
  let ended = await cli.json(['resume', 'N', '--adopt', 'their line broke, nobody answers', '--as', 'colleague', '--answers', rest], colleague);
  // A command waits for no watch: each further one looks once more.
  for (let looks = 0; ended.status === 75 && looks < 60; looks += 1) ended = await cli.json(['resume', 'N', '--as', 'colleague', '--answers', rest], colleague);
  expect(ended).toMatchObject({ status: 0, document: { state: 'closed' } });

  const entries = await cli.entries('N');
  // Sent once, whoever asked: in doubt it was read, not repeated.
  const cuts = entries.filter(({ type, action, effect }) => type === 'call.finished' && effect === 'write' && action === 'UpdateAccessKey');
  expect(cuts).toHaveLength(1);
  const by = (type: string, step: string): unknown => entries.find((entry) => entry.type === type && entry['step'] === step)?.['by'];
  expect([by('answer.given', 'approve-cut'), by('answer.given', 'approve-delete')]).toEqual(['first', 'colleague']);
  expect(entries.find((entry) => entry.type === 'approval.seconded' && entry['step'] === 'approve-delete')).toMatchObject({
    second: 'colleague-on-call',
    by: 'colleague',
    how: 'named',
  });
  const verified = await cli.json(['verify', 'N']);
  expect(verified).toMatchObject({ status: 0, document: { intact: true, complete: true, coverage: { unendorsedFrom: expect.any(Number) } } });
}, 120_000);

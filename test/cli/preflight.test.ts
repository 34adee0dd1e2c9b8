// Can I run this right now: what is well, what is not, and that nothing is changed by asking.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Range } from '../../src/range/server.ts';
import type { RangeFault } from '../../src/range/faults.ts';
import { aCli, anAccount, type Cli } from '../support/cli.ts';

let cli: Cli;
let account: Range | undefined;

beforeEach(async () => {
  cli = await aCli();
});
afterEach(async () => {
  await account?.close();
  account = undefined;
  await cli.end();
});

type Check = { readonly id: string; readonly status: string; readonly what: string };

async function checks(words: readonly string[] = [], faults: readonly RangeFault[] = []): Promise<{ readonly status: number | null; readonly rows: readonly Check[] }> {
  account ??= await anAccount(cli, faults);
  const { status, document } = await cli.json(['preflight', ...words]);
  return { status, rows: document['checks'] as unknown as readonly Check[] };
}

it('says of each part how it stands, in either language, and opens no case', async () => {
  const { status, rows } = await checks();
  expect(status).toBe(0);
  expect(rows.map(({ id }) => id)).toEqual([
    'runbook',
    'vault',
    'contacts',
    'credential',
    'identity',
    'ram:ListUsers',
    'actiontrail:LookupEvents',
    'ecs:DescribeInstances',
    'logging',
    'changes',
  ]);
  expect(rows.find(({ id }) => id === 'identity')?.what).toContain('account 1000000000000042');
  expect(rows.find(({ id }) => id === 'changes')?.what).toContain('ram:UpdateAccessKey');
  // The night's trail was stopped: worth a note, no reason not to begin.
  expect(rows.find(({ id }) => id === 'logging')).toMatchObject({ status: 'warn' });
  const { out } = await cli.call(['preflight', '--lang', 'zh']);
  expect(out).toMatch(/^EXERCISE http/);
  expect(out).toContain('就读取所及，可以处置。');
  expect(account?.effects()).toEqual([]);
  expect(await cli.cases()).toEqual([]);
}, 30_000);

it('fails with status 1 on what may not be read, and names it', async () => {
  const { status, rows } = await checks([], [{ match: { action: 'ListUsers' }, do: 'deny' }]);
  expect(status).toBe(1);
  expect(rows.filter((row) => row.status === 'fail').map(({ id }) => id)).toEqual(['ram:ListUsers']);
}, 30_000);

it('prints whom to reach, names the roles nobody has, and fails on settings that do not read', async () => {
  const file = join(cli.folder, 'firebreak.yaml');
  await writeFile(file, 'contacts: { lead: [{ name: "Example\\e[2J Lead", phone: "1" }] }\n');
  const bad = await checks(['--config', file]);
  expect(bad.rows.find(({ id }) => id === 'settings')).toMatchObject({ status: 'fail', what: expect.stringContaining('"contacts.lead.0.name" does not fit') as string });
  await writeFile(file, "contacts: { lead: [{ name: Example Lead, phone: '+86 10 0000 0001' }] }\n");
  const { status, rows } = await checks(['--config', file]);
  expect(status).toBe(0);
  expect(rows.find(({ id }) => id === 'contacts')).toEqual({
    id: 'contacts',
    status: 'warn',
    what: 'lead: Example Lead, +86 10 0000 0001; Nobody for: duty-manager, owner, legal, alibaba',
  });
  expect(rows.find(({ id }) => id === 'approvers')?.status).toBe('warn');
  await writeFile(file, 'webhook: { kind: dingtalk, name: incident group, urlFrom: HOOK_URL }\n');
  expect((await checks(['--config', file])).rows.find(({ id }) => id === 'webhook')).toEqual({
    id: 'webhook',
    status: 'warn',
    what: 'incident group: $HOOK_URL is not set. Nothing was sent.',
  });
}, 30_000);

it('without a credential says so with status 77; an unknown runbook is refused', async () => {
  expect((await cli.call(['preflight'])).status).toBe(77);
  expect((await cli.call(['preflight', 'nope'])).status).toBe(65);
});

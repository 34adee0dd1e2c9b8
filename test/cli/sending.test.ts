// Who is handed something to send with: a real case on the real cloud, and nobody else.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newSession, openSession, type NewCase } from '../../src/cli/session.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { WebhookSettings } from '../../src/engine/ports.ts';
import { aBench, type Bench } from '../support/shell.ts';

let bench: Bench;
let asked: WebhookSettings[];
let shell: Shell;

beforeEach(async () => {
  bench = await aBench();
  asked = [];
  const file = join(bench.folder, 'firebreak.yaml');
  await writeFile(file, 'webhook: { kind: dingtalk, name: incident group, urlFrom: HOOK_URL, secretFrom: HOOK_SECRET }\n');
  shell = bench.with({
    config: { file, named: true },
    messenger: async (settings) => Promise.resolve((asked.push(settings), { to: settings.name, lack: () => undefined, send: async () => Promise.resolve({ result: 'done' }) })),
  });
});
afterEach(() => bench.end());

const cases: readonly (readonly [string, Partial<NewCase>])[] = [
  ['a drill', { scenario: 'first-night', time: { kind: 'virtual' } }],
  ['a rehearsal', { rehearse: true }],
  ['a run on a fake cloud', {}],
];

it.each(cases)('%s is handed nothing, when it is opened and when it is opened again', async (_, how) => {
  const first = await newSession(shell, { id: 'EX-1', runbook: 'leaked-access-key', time: { kind: 'host' }, ...how });
  expect(first.run.state.organisation?.webhook?.name).toBe('incident group');
  expect(first.run.ports.messenger).toBeUndefined();
  await first.close();
  const again = await openSession(shell, 'EX-1', { time: { kind: 'virtual' } });
  expect(again.run.ports.messenger).toBeUndefined();
  await again.close();
  expect(asked).toEqual([]);
});

it('a real case is, by its own settings, until it is only looked at', async () => {
  // The range answers; the port says it is Alibaba Cloud, as the real adapter would.
  const { endpoint: _endpoint, ...rest } = shell;
  const real: Shell = { ...rest, endpoint: undefined, cloud: async (options) => ({ ...(await shell.cloud({ ...options, endpoint: bench.range.url })), endpoint: 'alibaba' }) };
  const session = await newSession(real, { id: 'INC-1', runbook: 'leaked-access-key', time: { kind: 'host' } });
  expect(session.run.ports.messenger?.to).toBe('incident group');
  expect(asked).toEqual([{ kind: 'dingtalk', name: 'incident group', urlFrom: 'HOOK_URL', secretFrom: 'HOOK_SECRET' }]);
  await session.close();
  const looking = await openSession(real, 'INC-1', { time: { kind: 'virtual' }, offline: true });
  expect(looking.run.ports.messenger).toBeUndefined();
  await looking.close();
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openMessenger } from '../../src/adapters/notify.ts';
import type { Entry } from '../../src/casefile/entry.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import { drive } from '../../src/engine/drive.ts';
import { parseOrganisation } from '../../src/engine/organisation-file.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import type { Messenger, Sent } from '../../src/engine/ports.ts';
import { openRun, type Run } from '../../src/engine/run.ts';
import { reportOf } from '../../src/report/model.ts';
import { both } from '../support/runbooks.ts';
import { oneStepBook } from '../support/screens.ts';
import { aRun, aWorld, type World } from '../support/world.ts';

const settled = `
messages: { sample/tell: { en: 'Key leaked.', zh: '密钥已泄露。' } }
webhook: { kind: dingtalk, name: incident group, urlFrom: HOOK_URL, secretFrom: HOOK_SECRET }
`;
const [token, secret] = ['EXAMPLEtoken0000', 'SECexample0000'];

let server: Server | undefined;
afterEach(() => void server?.close());

/** A case at a notify step; a real incident unless `opened` says otherwise. */
function aCase(opened: object = {}): World {
  const world = aWorld(oneStepBook({ id: 'tell', kind: 'notify', who: both('the lead'), message: both('A key leaked.'), on: { done: 'close', failed: 'close' } }));
  Object.assign(world.disk.entries[0] as object, { origin: 'case', mode: 'live', endpoint: 'alibaba', ...opened });
  const { organisation } = parseOrganisation(settled, 'f');
  world.disk.entries.push({
    type: 'organisation.recorded',
    sha256: 'a'.repeat(64),
    organisation,
    seq: 1,
    prev: '',
    at: world.clock.now().toISOString(),
    sig: '',
  } as unknown as Entry);
  return world;
}

async function opened(world: World, messenger?: Messenger): Promise<Run> {
  const run = openRun({ ...aRun(world).ports, ...(messenger ? { messenger } : {}) }, () => world.runbook, world.operations);
  await drive(run, { budget: () => true });
  return run;
}

async function say(run: Run, value: string): Promise<void> {
  await giveAnswer(run, { step: 'tell', value, via: 'answer', lang: 'en' });
  await drive(run, { budget: () => true });
}

const saying = (...results: readonly Sent[]): Messenger & { readonly texts: string[] } => {
  const texts: string[] = [];
  return { to: 'incident group', lack: () => undefined, texts, send: async (text) => Promise.resolve((texts.push(text), results[texts.length - 1] ?? { result: 'done' })) };
};
const messages = (world: World): readonly Entry[] => world.disk.entries.filter(({ type }) => type.startsWith('message.'));

describe('sending a notification', () => {
  it('over a real connection: intent first, outcome after, the own text, no secret anywhere on record', async () => {
    const bodies: string[] = [];
    const world = aCase();
    server = createServer((request, response) => {
      bodies.push(String(world.disk.entries.at(-1)?.type));
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString())).on('end', () => response.end('{"errcode":0,"errmsg":"ok"}'));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const env = { HOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/robot/send?access_token=${token}`, HOOK_SECRET: secret };
    const webhook = parseOrganisation(settled, 'f').organisation?.webhook;
    if (!webhook) throw new Error('no webhook');
    const run = await opened(world, openMessenger(webhook, { env, now: () => world.clock.now(), loopback: true }));
    expect(pendingOf(run.state)).toMatchObject({ kind: 'notify', choices: ['send', 'done', 'failed'], labels: { send: { en: 'Send it now to incident group' } } });
    await say(run, 'send');
    expect(bodies).toEqual(['message.intended', '{"msgtype":"text","text":{"content":"Key leaked."}}']);
    expect(messages(world)).toMatchObject([
      { type: 'message.intended', to: 'incident group', text: 'Key leaked.' },
      { type: 'message.finished', result: 'done' },
    ]);
    expect(run.state.closed).toBeDefined();
    const trail = JSON.stringify(world.disk.entries);
    for (const hidden of [token, secret]) expect(trail).not.toContain(hidden);
    const model = reportOf(world.disk.entries, { library: () => world.runbook, witness: run.ports.store.witness() });
    expect(model.notifications).toMatchObject([{ who: { en: 'the lead (sent to incident group)' }, message: { en: 'Key leaked.' }, outcome: 'done' }]);
  });

  it('that failed asks again, says why, and may be tried again or done another way', async () => {
    const world = aCase();
    const messenger = saying({ result: 'failed', code: '310000', detail: 'sign not match' }, { result: 'failed', code: 'E_UNSET', detail: '$HOOK_URL is not set.' });
    const run = await opened(world, messenger);
    await say(run, 'send');
    expect(pendingOf(run.state)).toMatchObject({ kind: 'notify', said: [{ en: 'It was not sent (310000: sign not match).' }] });
    await say(run, 'send');
    expect(pendingOf(run.state)?.said?.[0]?.en).toContain('$HOOK_URL is not set.');
    await say(run, 'done');
    expect(run.state.closed).toBeDefined();
    expect(messenger.texts).toHaveLength(2);
  });

  it('of which nobody knows, and one that a crash cut short, is asked about and never repeated by itself', async () => {
    const world = aCase();
    const messenger = saying({ result: 'unknown', code: 'ETIMEDOUT' });
    const run = await opened(world, messenger);
    await say(run, 'send');
    expect(pendingOf(run.state)?.said?.[0]?.en).toContain('Nobody knows whether it was sent (ETIMEDOUT).');
    const crashed = aCase();
    const stuck: Messenger = { to: 'incident group', lack: () => undefined, send: async () => Promise.reject(new Error('the process is gone')) };
    await expect(say(await opened(crashed, stuck), 'send')).rejects.toThrow('gone');
    expect(crashed.disk.entries.at(-1)?.type).toBe('message.intended');
    const after = saying();
    const again = await opened(crashed, after);
    expect(pendingOf(again.state)?.said?.[0]?.en).toContain('Nobody knows whether it was sent (E_INTERRUPTED');
    expect(after.texts).toEqual([]);
    expect(messenger.texts).toHaveLength(1);
  });
});

describe('where nothing may be sent', () => {
  it.for([
    ['a drill', { origin: 'exercise', mode: 'drill', endpoint: 'range' }],
    ['a rehearsal', { origin: 'exercise', mode: 'rehearse', endpoint: 'alibaba' }],
    ['a fake cloud', { origin: 'exercise', mode: 'live', endpoint: 'http://127.0.0.1:1' }],
  ] as const)('%s offers no sending, and sends nothing even with a messenger in its hands', async ([, how]) => {
    const world = aCase(how);
    const messenger = saying();
    const run = await opened(world, messenger);
    expect(pendingOf(run.state)).toMatchObject({ kind: 'notify', choices: ['done', 'failed'] });
    await expect(say(run, 'send')).rejects.toMatchObject({ code: 'E_VALUE' });
    // Even an answer that slipped into the trail sends nothing.
    await run.ports.store.append({ type: 'answer.given', step: 'tell', visit: 1, kind: 'notify', value: 'send', by: 'x', via: 'answer' });
    await drive(run, { budget: () => true });
    expect(messenger.texts).toEqual([]);
    expect(messages(world)).toMatchObject([{ type: 'message.finished', result: 'failed', code: 'E_GUARD' }]);
  });
});

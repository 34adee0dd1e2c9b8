// The account to be contained: 200 users with two keys each and 500 machines in 30 regions, served on loopback at 80 ms a call.
import { join } from 'node:path';
import type * as Seed from '../src/range/seed.ts';
import type * as Server from '../src/range/server.ts';

const built = async <T>(path: string): Promise<T> => (await import(new URL(`../dist/${path}`, import.meta.url).href)) as T;
const { WorldSeed, secretOf } = await built<typeof Seed>('range/seed.js');
const { openRange } = await built<typeof Server>('range/server.js');

const [folder = '.', latencyMs = '80', perSecond = '100'] = process.argv.slice(2);
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const keyId = (user: number, key: number): string => `LTAI5tEXAMPLE${String(user).padStart(5, '0')}${key}`;
const regions = ['cn-hangzhou', ...many(29, (index) => `xx-test-${index + 1}`)];
const responder = { id: 'LTAI5tEXAMPLEresponder', created: '-1y' };
const limited = [
  'ram:ListAccessKeys',
  'ram:UpdateAccessKey',
  'ram:GetPolicy',
  'ram:ListPoliciesForUser',
  'ram:AttachPolicyToUser',
  ...['DescribeInstances', 'DescribeNetworkInterfaces', 'DescribeUserData', 'DescribeDisks', 'ModifyInstanceAttribute'].map((action) => `ecs:${action}`),
];

const range = await openRange({
  seed: WorldSeed.parse({
    seed: 'contain',
    start: '2026-03-01T03:00:00Z',
    account: { id: '1000000000000042', alias: 'bench' },
    responder: 'responder',
    regions,
    users: [
      { name: 'responder', created: '-1y', policies: ['AdministratorAccess'], keys: [responder] },
      ...many(200, (user) => ({ name: `user-${user}`, created: '-1h', keys: [0, 1].map((key) => ({ id: keyId(user, key), created: '-1h' })) })),
    ],
    instances: regions.map((region, nth) => ({
      region,
      ids: many(nth < 20 ? 17 : 16, (index) => `i-bench${nth}x${index}`),
      names: ['m'],
      type: 'ecs.g7.large',
      image: 'm-bench',
      created: '-1h',
      maker: { key: keyId(0, 0), ip: '203.0.113.7' },
    })),
    throttles: limited.map((action) => ({ action, perSecond: Number(perSecond), perRegion: true })),
  }),
  journal: join(folder, 'range.jsonl'),
  latencyMs: Number(latencyMs),
  time: { kind: 'host' },
});
process.stdout.write(`${JSON.stringify({ url: range.url, accessKeyId: responder.id, accessKeySecret: secretOf(responder), regions })}\n`);
process.on('SIGINT', () => void range.close().then(() => process.exit(0)));

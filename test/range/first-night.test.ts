// The account of the drill `first-night`: does it hold what its story says?
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { billOf } from '../../src/range/bill.ts';
import { buildWorld } from '../../src/range/build.ts';
import { WorldSeed } from '../../src/range/seed.ts';
import { logOf } from '../../src/range/world.ts';
import type { JsonObject } from '../../src/text.ts';
import { lookUp } from '../support/json.ts';

const file = fileURLToPath(new URL('../../runbooks/leaked-access-key/drills/first-night.yaml', import.meta.url));
const drill = parse(readFileSync(file, 'utf8')) as { readonly world: unknown; readonly brief: Readonly<Record<string, string>> };
const seed = WorldSeed.parse(drill.world);
const world = buildWorld(seed);
const events: readonly JsonObject[] = logOf(world).map((line) => line.event);
const named = (name: string): readonly JsonObject[] => events.filter((event) => event['eventName'] === name);
const keyOf = (event: JsonObject) => lookUp(event, 'userIdentity.accessKeyId');
const [leaked, child] = ['LTAI5tEXAMPLEci00001', 'LTAI5tEXAMPLEbk00002'];

describe('first-night', () => {
  it('has eleven miners in three regions, each made by a suspect’s RunInstances', () => {
    const made = new Map(
      named('RunInstances')
        .filter((event) => event['errorCode'] === '')
        .flatMap((event) => (lookUp(event, 'responseElements.InstanceIdSets.InstanceIdSet') as readonly string[]).map((id) => [id, keyOf(event)] as const)),
    );
    const miners = [...world.instances.values()].filter((one) => [leaked, child].includes(String(made.get(one.id))));
    const count = (region: string): number => miners.filter((one) => one.region === region).length;
    expect([count('cn-hangzhou'), count('ap-southeast-1'), count('us-west-1'), miners.length]).toEqual([4, 3, 4, 11]);
    expect(miners.filter((one) => one.region === 'us-west-1').every((one) => made.get(one.id) === child)).toBe(true);
  });
  it('has an old instance of ours with the miners’ image, older than the log', () => {
    const look = world.instances.get('i-bp1prodweb0000000003');
    expect(look?.image).toBe(world.instances.get('i-bp1miner00000000001')?.image);
    expect(world.start - (look?.created ?? 0)).toBeGreaterThan(90 * 86_400_000);
    expect(events.some((event) => JSON.stringify(event['responseElements'] ?? '').includes('i-bp1prodweb0000000003'))).toBe(false);
  });
  it('leads from the leaked key to its child in the log alone', () => {
    expect(named('CreateUser').map((event) => [keyOf(event), lookUp(event, 'requestParameters.UserName')])).toEqual([[leaked, 'backup-svc']]);
    expect(named('CreateAccessKey').map((event) => lookUp(event, 'responseElements.AccessKey.AccessKeyId'))).toEqual([child]);
    expect(named('StopLogging').map(keyOf)).toEqual([child]);
    expect(world.trails.get('audit')).toMatchObject({ logging: false, stopped: world.start - 40 * 60_000 });
  });
  it('has weeks of honest use from two office addresses: several pages', () => {
    const honest = events.filter((event) => keyOf(event) === leaked && String(event['sourceIpAddress']).startsWith('192.0.2.'));
    expect(honest.length).toBeGreaterThan(40 * 50);
    expect(new Set(honest.map((event) => event['sourceIpAddress'])).size).toBe(2);
  });
  it('attacks from documentation addresses only, and keeps plainly fake keys', () => {
    const addresses = new Set(events.map((event) => String(event['sourceIpAddress'])));
    expect([...addresses].filter((address) => !/^(192\.0\.2|203\.0\.113|198\.51\.100)\.\d+$/.test(address))).toEqual([]);
    expect([...world.keys.values()].every((key) => key.id.startsWith('LTAI5tEXAMPLE') && key.secret.length >= 20)).toBe(true);
  });
  it('carries one name meant for a terminal, a browser and the eyes', () => {
    const name = world.instances.get('i-bp1miner00000000004')?.name ?? '';
    for (const part of ['\u001b[2J', '<img', '](http', '\u202e', '../']) expect(name).toContain(part);
  });
  it('knows the price of everything that runs', () => {
    expect(billOf(world).unpriced).toEqual([]);
    expect(billOf(world).perHour).toBeGreaterThan(150);
  });
  it('foresees only calls the range serves, by keys it has, after the start', () => {
    expect(seed.events.every((event) => event.at > 0 && world.keys.has(event.who))).toBe(true);
    expect(seed.regions.length).toBeGreaterThanOrEqual(30);
    expect(seed.users.find((user) => user.name === seed.responder)?.keys[0]?.id).toBe('LTAI5tEXAMPLEir00009');
  });
});

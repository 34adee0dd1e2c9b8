// Finding one principal among a million sealed events, beside jq on the same file.
import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type * as Disk from '../src/adapters/disk.ts';
import type * as Format from '../src/casefile/format.ts';
import { median, timed, type Bench } from './figure.ts';
import { firebreak, inFolder } from './process.ts';

// The built modules: the command measured is the built one.
const built = async <T>(path: string): Promise<T> => (await import(new URL(`../dist/${path}`, import.meta.url).href)) as T;

const total = 1_000_000;
/** One event in a thousand is theirs. */
const every = 1_000;
const wanted = 'LTAI5tEXAMPLEci00001';
const rounds = 3;

/** An event as ActionTrail writes it, about 900 bytes. */
function line(index: number): string {
  const mine = index % every === 0;
  const id = index.toString(16).padStart(12, '0');
  return JSON.stringify({
    eventId: `00000000-0000-4000-8000-${id}`,
    eventVersion: 1,
    eventName: mine ? 'DescribeInstances' : 'GetObject',
    eventTime: new Date(Date.UTC(2026, 2, 14) + index * 10).toISOString(),
    eventType: 'ApiCall',
    eventRW: 'Read',
    eventSource: 'ecs.cn-hangzhou.example.com',
    serviceName: mine ? 'Ecs' : 'Oss',
    acsRegion: 'cn-hangzhou',
    apiVersion: '2014-05-26',
    requestId: `00000000-0000-4000-9000-${id}`,
    sourceIpAddress: '192.0.2.17',
    userAgent: 'example-sdk/1.0 (Linux; x86_64) core/2.0 python/3.12',
    isGlobal: false,
    recipientAccountId: '1000000000000042',
    userIdentity: {
      accountId: '1000000000000042',
      principalId: mine ? '200000000000000001' : '200000000000000002',
      type: 'ram-user',
      userName: mine ? 'ci-deploy' : 'backup-svc',
      accessKeyId: mine ? wanted : 'LTAI5tEXAMPLEbk00002',
      sessionContext: { attributes: { mfaAuthenticated: 'false', creationDate: '2026-03-14T00:00:00Z' } },
    },
    requestParameters: { RegionId: 'cn-hangzhou', PageSize: '100', PageNumber: String(index % 97), Status: 'Running' },
    referencedResources: { 'ACS::OSS::Bucket': [`example-bucket-${index % 311}`] },
  });
}

export const scan: Bench = () =>
  inFolder(async (folder) => {
    const log = join(folder, 'log.jsonl');
    const fd = openSync(log, 'w');
    for (let at = 0; at < total; at += 1000) writeSync(fd, `${Array.from({ length: 1000 }, (_, index) => line(at + index)).join('\n')}\n`);
    closeSync(fd);
    const { openDisk } = await built<typeof Disk>('adapters/disk.js');
    const { format } = await built<typeof Format>('casefile/format.js');
    const at = new Date().toISOString();
    const opened = {
      origin: 'exercise',
      mode: 'drill',
      runbook: 'bench',
      runbookSha256: '0'.repeat(64),
      endpoint: 'range',
      version: '0',
      lang: 'en',
      credential: 'drill',
    } as const;
    const store = await openDisk(format).createCase({ vault: folder, stateDir: join(folder, 'state'), id: 'SCAN', by: 'bench', now: () => new Date(), opened });
    const sealed = await store.put(createReadStream(log));
    const collector = { tool: 'firebreak', version: '0', by: 'bench' };
    await store.append({
      type: 'evidence.sealed',
      ...sealed,
      kind: 'attached',
      mediaType: 'application/octet-stream',
      source: { file: 'log.jsonl' },
      collector,
      startedAt: at,
      endedAt: at,
      redactions: [],
    });
    await store.close();

    const counts = { jq: 0, ours: 0 };
    const floors: number[] = [];
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      floors.push(
        await timed(() => {
          const { stdout } = spawnSync('jq', ['-c', `select(.userIdentity.accessKeyId == "${wanted}")`, log], { encoding: 'utf8', maxBuffer: 1 << 28 });
          counts.jq = stdout.split('\n').length - 1;
        }),
      );
      times.push(
        await timed(() => {
          const { out } = firebreak(['events', 'SCAN', '--by', wanted, '--vault', folder, '--json']);
          counts.ours = (JSON.parse(out) as { events: readonly unknown[] }).events.length;
        }),
      );
    }
    if (counts.ours !== total / every || counts.jq !== counts.ours) throw new Error(`found ${counts.ours}, jq found ${counts.jq}, there are ${total / every}`);
    const ratio = median(floors) / median(times);
    const size = `${(sealed.bytes / 1e6).toFixed(0)} MB`;
    return [
      {
        name: `scanning ${total.toLocaleString('en')} sealed events (${size}) for one principal, hash checked`,
        measured: `${(median(times) / 1000).toFixed(2)} s`,
        floor: `jq: ${(median(floors) / 1000).toFixed(1)} s`,
        ratio,
        bar: '>= 10 x',
        reached: ratio >= 10,
      },
    ];
  });

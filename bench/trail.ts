// The trail and its evidence: durable signed appends, verifying every signature, sealing a gigabyte.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomFillSync, sign, verify as verifySignature } from 'node:crypto';
import { closeSync, createReadStream, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type * as Disk from '../src/adapters/disk.ts';
import type * as Format from '../src/casefile/format.ts';
import type { Draft } from '../src/casefile/entry.ts';
import { median, timed, type Bench } from './figure.ts';
import { inFolder, node } from './process.ts';

// The built modules, as they are shipped: types stripped on the way in would cost memory.
const built = async <T>(path: string): Promise<T> => (await import(new URL(`../dist/${path}`, import.meta.url).href)) as T;
const { openDisk } = await built<typeof Disk>('adapters/disk.js');
const { format } = await built<typeof Format>('casefile/format.js');

const draft = (index: number): Draft => ({
  type: 'call.finished',
  call: `bench-${index}`,
  step: 'quick-look',
  product: 'actiontrail',
  action: 'LookupEvents',
  region: 'cn-hangzhou',
  params: { MaxResults: '50', 'LookupAttribute.1.Key': 'EventAccessKeyId', 'LookupAttribute.1.Value': 'LTAI5tEXAMPLEci00001' },
  effect: 'read',
  result: 'done',
  how: 'first',
  requestId: '00000000-0000-0000-0000-000000000000',
});

async function newCase(folder: string, id: string): ReturnType<ReturnType<typeof openDisk>['createCase']> {
  return openDisk(format).createCase({
    vault: folder,
    stateDir: join(folder, 'state'),
    id,
    by: 'bench',
    now: () => new Date(),
    opened: { origin: 'exercise', mode: 'drill', runbook: 'bench', runbookSha256: '0'.repeat(64), endpoint: 'range', version: '0', lang: 'en', credential: 'drill' },
  });
}

export const append: Bench = () =>
  inFolder(async (folder) => {
    const batch = 200;
    const store = await newCase(folder, 'APPEND');
    const { privateKey } = generateKeyPairSync('ed25519');
    const fd = openSync(join(folder, 'bare'), 'a');
    const line = Buffer.from(`${JSON.stringify({ ...draft(0), seq: 1, prev: '0'.repeat(64), at: new Date().toISOString(), sig: 'A'.repeat(88) })}\n`);
    const floors: number[] = [];
    const times: number[] = [];
    for (let round = 0; round < 25; round += 1) {
      floors.push(
        await timed(() => {
          for (let index = 0; index < batch; index += 1) {
            sign(null, line, privateKey);
            writeSync(fd, line);
            fdatasyncSync(fd);
          }
        }),
      );
      times.push(
        await timed(async () => {
          for (let index = 0; index < batch; index += 1) await store.append(draft(index));
        }),
      );
    }
    closeSync(fd);
    await store.close();
    const [floor, measured] = [(batch / median(floors)) * 1000, (batch / median(times)) * 1000];
    const ratio = measured / floor;
    return [
      {
        name: 'durable signed append',
        measured: `${measured.toFixed(0)}/s`,
        floor: `write + fdatasync + Ed25519: ${floor.toFixed(0)}/s`,
        ratio,
        bar: '>= 0.85 x',
        reached: ratio >= 0.85,
      },
    ];
  });

export const verify: Bench = () =>
  inFolder(async (folder) => {
    const store = await newCase(folder, 'VERIFY');
    await store.append(...Array.from({ length: 9_999 }, (_, index) => draft(index)));
    await store.close();
    const trail = readFileSync(join(folder, 'VERIFY', 'trail.jsonl'));
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const messages = trail
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => Buffer.from(line));
    const signatures = messages.map((message) => sign(null, message, privateKey));
    const floors: number[] = [];
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      floors.push(await timed(() => messages.every((message, index) => verifySignature(null, message, publicKey, signatures[index] as Buffer))));
      times.push(await timed(() => format.verify(trail, new Map(), { open: true })));
    }
    const ratio = median(times) / median(floors);
    return [
      {
        name: 'verify, every signature, 10,000 entries',
        measured: `${median(times).toFixed(0)} ms`,
        floor: `bare Ed25519 verifies: ${median(floors).toFixed(0)} ms`,
        ratio,
        bar: '<= 1.15 x',
        reached: ratio <= 1.15,
      },
    ];
  });

export const seal: Bench = () =>
  inFolder(async (folder) => {
    const source = join(folder, 'source');
    const gigabyte = 1 << 30;
    const fd = openSync(source, 'w');
    const chunk = Buffer.alloc(1 << 20);
    for (let at = 0; at < gigabyte; at += chunk.length) writeSync(fd, randomFillSync(chunk));
    // On the disk before anything is measured: its own flush would be paid for by whoever comes first.
    fdatasyncSync(fd);
    closeSync(fd);
    const copy = join(folder, 'copy');
    const floors: number[] = [];
    const times: number[] = [];
    let peak = 0;
    for (let round = 0; round < 3; round += 1) {
      floors.push(await timed(() => spawnSync('bash', ['-c', `tee '${copy}' < '${source}' | openssl dgst -sha256 >/dev/null && sync -d '${copy}'; rm '${copy}'`])));
      const { out } = node([import.meta.filename, 'put', folder, source, String(round)]);
      const { ms, rss } = JSON.parse(out) as { ms: number; rss: number };
      // As the floor does: both write over blocks that the disk already knows.
      rmSync(join(folder, `SEAL-${round}`), { recursive: true });
      times.push(ms);
      peak = Math.max(peak, rss);
    }
    const ratio = median(floors) / median(times);
    const rate = (ms: number): string => `${(gigabyte / 1e6 / (ms / 1000)).toFixed(0)} MB/s`;
    return [
      {
        name: 'sealing 1 GB of evidence',
        measured: rate(median(times)),
        floor: `tee | openssl dgst, flushed: ${rate(median(floors))}`,
        ratio,
        bar: '>= 0.85 x',
        reached: ratio >= 0.85,
      },
      { name: 'memory while sealing 1 GB', measured: `${peak.toFixed(0)} MB`, floor: '-', bar: '<= 150 MB', reached: peak <= 150 },
    ];
  });

/** In a process of its own, so that its memory is its own. */
if (process.argv[2] === 'put') {
  const [, , , folder = '', source = '', round = ''] = process.argv;
  const store = await newCase(folder, `SEAL-${round}`);
  const ms = await timed(() => store.put(createReadStream(source, { highWaterMark: 1 << 20 })));
  await store.close();
  process.stdout.write(JSON.stringify({ ms, rss: process.resourceUsage().maxRSS / 1024 }));
}

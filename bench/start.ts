// How long a command takes to be there: --version, a 10,000-entry case, the check of every runbook.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDisk } from '../src/adapters/disk.ts';
import { format } from '../src/casefile/format.ts';
import { interleave, type Bench } from './figure.ts';
import { firebreak, inFolder, node } from './process.ts';

const rounds = 15;

export const version: Bench = async () => {
  const { floor, measured } = await interleave(
    rounds,
    () => node(['-e', '0']),
    () => firebreak(['--version']),
  );
  const ratio = measured / floor;
  return [{ name: 'firebreak --version', measured: `${measured.toFixed(0)} ms`, floor: `node -e 0: ${floor.toFixed(0)} ms`, ratio, bar: '<= 1.5 x', reached: ratio <= 1.5 }];
};

export const resume: Bench = () =>
  inFolder(async (folder) => {
    const env = { FIREBREAK_STATE: join(folder, 'state') };
    mkdirSync(env.FIREBREAK_STATE, { mode: 0o700 });
    writeFileSync(join(folder, 'none.yaml'), '{}');
    const opened = firebreak(['drill', 'leaked-access-key/first-night', '--case', 'LONG', '--vault', folder, '--answers', join(folder, 'none.yaml')], env);
    if (opened.status !== 75) throw new Error(opened.out);
    const store = await openDisk(format).openCase({ vault: folder, stateDir: env.FIREBREAK_STATE, id: 'LONG', now: () => new Date(), by: 'bench' });
    const missing = 10_000 - store.entries().length;
    const read = {
      type: 'call.finished',
      step: 'who-am-i',
      product: 'sts',
      action: 'GetCallerIdentity',
      region: 'cn-hangzhou',
      params: {},
      effect: 'read',
      result: 'done',
      how: 'first',
      requestId: 'R',
    } as const;
    await store.append(...Array.from({ length: missing }, (_, index) => ({ ...read, call: `bench-${index}` })));
    await store.close();
    const lines = readFileSync(join(folder, 'LONG', 'trail.jsonl'), 'utf8').split('\n').length - 1;
    const { floor, measured } = await interleave(
      7,
      () => firebreak(['--version']),
      () => firebreak(['resume', 'LONG', '--vault', folder, '--json'], env),
    );
    const more = measured - floor;
    return [
      { name: `resuming a case of ${lines} entries`, measured: `${measured.toFixed(0)} ms`, floor: `--version: ${floor.toFixed(0)} ms`, bar: '<= + 500 ms', reached: more <= 500 },
    ];
  });

export const check: Bench = async () => {
  const { floor, measured } = await interleave(
    5,
    () => node(['-e', '0']),
    () => firebreak(['runbook', 'check']),
  );
  return [
    { name: 'checking every shipped runbook', measured: `${measured.toFixed(0)} ms`, floor: `node -e 0: ${floor.toFixed(0)} ms`, bar: '<= 1000 ms', reached: measured <= 1000 },
  ];
};

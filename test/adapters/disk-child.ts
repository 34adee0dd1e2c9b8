// A process that works on case INC-7 as told on its command line: `append COUNT NAME`, `forever NAME`, `drive`. It says on stdout what was acknowledged.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openDisk } from '../../src/adapters/disk.ts';
import { format } from '../../src/casefile/format.ts';
import { Fault } from '../../src/errors.ts';

const [vault = '', stateDir = '', word, ...rest] = process.argv.slice(2);
const say = (text: string): void => void writeSync(1, `${text}\n`);
const store = await openDisk(format).openCase({ vault, stateDir, id: 'INC-7', by: 'child', now: () => new Date() });

async function append(value: string): Promise<void> {
  const [entry] = await store.append({ type: 'answer.given', step: 'ask', visit: 1, kind: 'ask', value, by: 'child', via: 'answer' });
  say(`${entry?.seq} ${value}`);
}

if (word === 'append') {
  for (let count = 0; count < Number(rest[0]); count += 1) await append(`${rest[1]}-${count}`);
  await store.close();
} else if (word === 'forever') {
  for (let count = 0; ; count += 1) await append(`${rest[0]}-${count}`);
} else if (word === 'drive') {
  await store.drive(async () => {
    say('driving');
    for await (const line of createInterface({ input: process.stdin })) {
      await append(line).catch((error: unknown) => say(error instanceof Fault ? `${error.code} ${error.message}` : String(error)));
    }
  });
}

// A process of its own that serves the test account, to be killed.
import { openRange } from '../../src/range/server.ts';
import { aSeed } from './kit.ts';

const range = await openRange({ seed: aSeed(), journal: process.argv[2] ?? '', time: { kind: 'virtual' } });
process.stdout.write(`${range.url}\n`);

#!/usr/bin/env node
// The launcher: plain JavaScript that any Node can read. Says what is missing on an old one; prefers dist/ when it was built.
import { existsSync, readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`firebreak needs Node 24 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 2;
} else if (process.argv.length === 3 && process.argv[2] === '--version') {
  process.stdout.write(`${version}\n`);
} else {
  const built = new URL('../dist/main.js', import.meta.url);
  const { enableCompileCache } = await import('node:module');
  enableCompileCache?.();
  const { main } = await import(existsSync(built) ? built.href : new URL('./main.ts', import.meta.url).href);
  await main(version);
}

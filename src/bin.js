#!/usr/bin/env node
// The launcher: plain JavaScript that any Node can read. Says what is missing on an old one; runs dist/ unless the sources are newer.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const source = fileURLToPath(new URL('main.ts', import.meta.url));
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A checkout that was built and changed since would run yesterday's code. */
function isStale() {
  if (!existsSync(source)) return false;
  const madeAt = statSync(built).mtimeMs;
  const folder = fileURLToPath(new URL('.', import.meta.url));
  return readdirSync(folder, { recursive: true }).some((file) => file.endsWith('.ts') && statSync(`${folder}${file}`).mtimeMs > madeAt);
}

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`firebreak needs Node 24 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 2;
} else if (process.argv.length === 3 && process.argv[2] === '--version') {
  process.stdout.write(`${version}\n`);
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache?.();
  try {
    const { main } = await import(existsSync(built) && !isStale() ? `file://${built}` : `file://${source}`);
    await main(version);
  } catch (error) {
    // Not even our own error handling could be loaded.
    process.stderr.write(`firebreak can not start: ${error.message.split('\n')[0]}\nRun "npm ci" where it is installed, and "npm run build" if it was built.\n`);
    process.exitCode = 70;
  }
}

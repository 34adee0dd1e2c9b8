#!/usr/bin/env node
// The launcher: plain JavaScript that any Node can read. Says what is missing on an old one; runs dist/ unless the sources are newer.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const source = new URL('main.ts', import.meta.url);
const built = new URL('../dist/main.js', import.meta.url);

/** A checkout that was built and changed since would run yesterday's code. */
function isStale() {
  return existsSync(source) && isNewer(fileURLToPath(new URL('.', import.meta.url)), statSync(built).mtimeMs);
}

/** Every command pays for this: the names alone tell files from folders here, and readdir's own recursion takes four times as long. */
function isNewer(folder, than) {
  return readdirSync(folder).some((name) => {
    if (name.endsWith('.ts')) return statSync(`${folder}/${name}`).mtimeMs > than;
    return !name.includes('.') && isNewer(`${folder}/${name}`, than);
  });
}

/** Where our own error handling can not be loaded, it is still one line, or one document. */
function refuse(code, message, hint, status) {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else process.stderr.write(`${message} ${hint}\n`);
  process.exitCode = status;
}

if (Number(process.versions.node.split('.')[0]) < 24) {
  refuse('E_NODE', `firebreak needs Node 24 or newer; this is ${process.versions.node}.`, 'Install Node 24 or newer.', 2);
} else if (process.argv.length === 3 && process.argv[2] === '--version') {
  process.stdout.write(`${version}\n`);
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache?.();
  try {
    const { main } = await import(existsSync(built) && !isStale() ? built.href : source.href);
    await main(version);
  } catch (error) {
    refuse('E_BUG', `firebreak can not start: ${error.message.split('\n')[0]}.`, 'Run "npm ci" where it is installed, and "npm run build" if it was built.', 70);
  }
}

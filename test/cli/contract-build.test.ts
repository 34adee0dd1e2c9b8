// What is published: built JavaScript, the launcher and the runbooks, without a line of TypeScript.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

const firebreak = (...words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [join(folder, 'src/bin.js'), ...words], { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } });

beforeAll(() => {
  // A path with what a URL would take for something else.
  folder = mkdtempSync(join(tmpdir(), 'fire break #1 %20 构建-'));
  mkdirSync(join(folder, 'src'));
  for (const file of ['package.json', 'src/bin.js', 'runbooks']) cpSync(join(root, file), join(folder, file), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist'), '--noCheck'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`it does not build: ${stdout}`);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the built program', () => {
  it('runs without its sources', () => {
    expect(firebreak('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(JSON.parse(firebreak('runbook', 'check', '--json').stdout)).toEqual({ runbooks: ['leaked-access-key', 'taken-role'].map((name) => ({ name, problems: [] })) });
    expect(firebreak('run', 'leaked-access-key')).toMatchObject({ status: 77, stdout: '' });
  });

  it('opens a case and drives it: workers and SDKs are found', () => {
    writeFileSync(join(folder, 'answers.yaml'), 'input.accessKeyId: LTAI5tEXAMPLEci00001\n');
    const { status, stdout, stderr } = firebreak('drill', '--case', 'BUILT', '--answers', 'answers.yaml', '--json');
    expect({ status, stderr }).toEqual({ status: 75, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ case: 'BUILT', pending: { step: 'confirm-account', expects: { text: '000042' } } });
  });

  it('gives way to sources that were changed since it was built', () => {
    const main = join(folder, 'src/main.ts');
    writeFileSync(main, "export function main() { process.stdout.write('from the sources'); }\n");
    expect(firebreak('status').stdout).toBe('from the sources');
    utimesSync(main, 0, 0);
    expect(firebreak('status').stdout).not.toBe('from the sources');
    rmSync(join(folder, 'dist/cli'), { recursive: true });
    rmSync(main);
    expect(firebreak('status')).toMatchObject({ status: 70, stdout: '', stderr: expect.stringMatching(/^firebreak can not start: .* Run "npm ci"/) });
  });
});

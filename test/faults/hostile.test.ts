// Foreign text is hostile: what an attacker names comes out harmless on screen, in files, in the report; our secrets come out nowhere.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { playOn } from '../../src/cli/play.ts';
import { writeReport } from '../../src/cli/report.ts';
import { newSession, type Session } from '../../src/cli/session.ts';
import { renderStatus, statusOf } from '../../src/cli/status.ts';
import { aBench, type Bench } from '../support/shell.ts';

let bench: Bench;
let session: Session;

afterEach(async () => {
  await session.close();
  await bench.end();
});

async function files(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

/** Everything a responder's secret could be hiding in: the vault, the state, what was printed. */
async function everything(): Promise<readonly (readonly [string, string])[]> {
  const paths = (await files(bench.folder)).filter((path) => !path.endsWith('range.jsonl'));
  const texts = await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const));
  return [...texts, ['stdout and stderr', bench.said.join('\n')]];
}

it('a played drill leaves no control, no bidi mark and no live markup of the attacker in anything a person reads', async () => {
  bench = await aBench();
  session = await newSession(bench.shell, { id: 'HOSTILE', runbook: 'leaked-access-key', scenario: 'first-night', time: { kind: 'virtual' } });
  await playOn(session, { answers: session.scenario?.answers ?? {}, via: 'reference', jump: true });
  expect(session.run.state.closed?.outcome).toBe('closed');
  const { accessKeySecret } = await bench.shell.credential();
  for (const [path, text] of await everything()) expect(text.includes(accessKeySecret), path).toBe(false);
  const raw = (await everything()).map(([, text]) => text).join('\n');
  // eslint-disable-next-line no-control-regex
  expect(raw, 'the scenario names something with an escape sequence').toMatch(/\\u001b|\u001b/);
  const report = await writeReport(bench.shell, session.store, 'en');
  const shown = [
    await readFile(report.path, 'utf8'),
    renderStatus(statusOf(session.run.state, session.store.witness(), 'en'), 'en'),
    renderStatus(statusOf(session.run.state, session.store.witness(), 'zh'), 'zh'),
  ];
  for (const text of shown) {
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f]/);
    expect(text).not.toMatch(/<(script|img|a|iframe)\b/i);
  }
  for (const path of await files(join(bench.shell.vault, 'HOSTILE'))) expect(path).not.toMatch(/\.\.|\u001b/);
});

it('the secret of the credential in use is in no byte of the vault, the state folder or the output', async () => {
  bench = await aBench();
  session = await newSession(bench.shell, { id: 'SECRET', runbook: 'leaked-access-key', time: { kind: 'host' } });
  await playOn(session, { inputs: ['accessKeyId=LTAI5tEXAMPLEci00001'], answers: {} });
  const { accessKeySecret } = await bench.shell.credential();
  for (const [path, text] of await everything()) expect(text.includes(accessKeySecret), path).toBe(false);
});

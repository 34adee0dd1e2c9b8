// Two commands that only look: the hand-over, and the watch from another terminal. They write nothing, lock nothing, repair nothing.
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastStringWidth from 'fast-string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Range } from '../../src/range/server.ts';
import { aCli, anAccount, filesOf, leaked, until, type Cli, type Running } from '../support/cli.ts';

let cli: Cli;
let account: Range;
/** Nothing to reach an account with, and no key to sign with. */
const bare = { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, ALIBABA_CLOUD_ACCESS_KEY_SECRET: undefined, FIREBREAK_ENDPOINT: undefined, FIREBREAK_STATE: '/nowhere/at/all' };

beforeAll(async () => {
  cli = await aCli();
  account = await anAccount(cli);
  await cli.call(['run', 'leaked-access-key', '--case', 'C', '--input', `accessKeyId=${leaked}`]);
  await cli.call(['note', 'C', 'a\u202eb']);
});
afterAll(async () => {
  await account.close();
  await cli.end();
});

/** A watch in a process of its own, and what it has said so far. */
function watching(words: readonly string[]): Running & { said(): string } {
  const running = cli.start(words, bare);
  let text = '';
  running.child.stdout?.on('data', (bytes: Buffer) => void (text += bytes.toString('utf8')));
  return { ...running, said: () => text };
}

async function has(running: { said(): string }, text: string | RegExp): Promise<void> {
  await until(async () => Promise.resolve(typeof text === 'string' ? running.said().includes(text) : text.test(running.said())));
}

describe('brief', () => {
  it.each(['en', 'zh'])('is one screen, with the witness and the command to go on (%s)', async (lang) => {
    const { status, out, err } = await cli.call(['brief', 'C', '--lang', lang], bare);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const rows = out.trimEnd().split('\n');
    expect(rows.length).toBeLessThanOrEqual(24);
    expect(rows.filter((row) => fastStringWidth(row) > 80)).toEqual([]);
    expect(rows[0]).toContain('EXERCISE');
    expect(rows.at(-1)).toContain(`firebreak resume C --vault ${cli.vault}`);
    expect(out).toMatch(/bytes=\d+\n +sha256=[0-9a-f]{64}\n/);
    expect(out).toContain(String.raw`a\u{202e}b`);
  });

  it('as data holds the status document and all that the screen says', async () => {
    const status = (await cli.json(['status', 'C'])).document;
    const { document } = await cli.json(['brief', 'C'], bare);
    expect(document).toMatchObject({
      ...status,
      account: '1000000000000042',
      confirmed: false,
      key: { id: leaked, state: 'active' },
      containment: { state: 'not-cut', cut: [], notCut: [] },
      done: { calls: 0, undo: 0 },
      notes: [{ text: String.raw`a\u{202e}b` }],
      told: [],
      next: `firebreak resume C --vault ${cli.vault}`,
    });
  });

  it.each([[['brief']], [['brief', 'C', 'D']], [['brief', 'C', '--all']], [['follow']], [['follow', 'C', 'D']], [['follow', 'C', '--from', '3']]])(
    'refuses %j as usage',
    async (words) => {
      expect(await cli.json(words)).toMatchObject({ status: 2, document: { error: { code: 'E_USAGE' } } });
    },
  );

  it.each(['brief', 'follow'])('%s knows no case that is not there, and does not believe a broken trail', async (command) => {
    expect(await cli.json([command, 'NOPE'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_UNKNOWN' } } });
    await cp(join(cli.vault, 'C'), join(cli.vault, 'BROKEN'), { recursive: true });
    const trail = await readFile(join(cli.vault, 'BROKEN', 'trail.jsonl'), 'utf8');
    await writeFile(join(cli.vault, 'BROKEN', 'trail.jsonl'), trail.replace('"seq":1', '"seq":7'));
    expect(await cli.json([command, 'BROKEN'])).toMatchObject({ status: 74, document: { error: { code: 'E_TRAIL_BROKEN' } } });
  });
});

describe('follow', () => {
  it('says where it stands, then what others do, and leaves on Ctrl-C with 130', async () => {
    const watch = watching(['follow', 'C']);
    await has(watch, 'Ctrl-C ends it');
    expect(watch.said()).toMatch(/^case: C\nEXERCISE {2}leaked-access-key {2}analyze \/ confirm-account {2}waiting for an answer\n/);
    await cli.call(['note', 'C', 'line one\nline \u202etwo', '--as', 'eve']);
    await has(watch, String.raw`note by eve: line one / line \u{202e}two`);
    const { document } = await cli.json(['answer', 'C', 'confirm-account', '000042', '--as', 'Li Wei']);
    await has(watch, 'WAITS  approve-cut');
    await cli.call(['answer', 'C', 'approve-cut', String(document.pending?.expects?.text), '--as', 'Li Wei']);
    await has(watch, 'WAITS  approve-users');
    await cli.call(['answer', 'C', 'approve-users', 'no', '--as', 'Li Wei']);
    await has(watch, 'WAITS  notify-lead');
    watch.child.kill('SIGINT');
    const { status, err } = await watch.ended;
    expect(status).toBe(130);
    expect(err).toBe(`E_INTERRUPTED: Stopped watching. The case was not touched.\nWatch on: firebreak follow C --vault ${cli.vault}\n`);
    const said = watch.said();
    for (const text of [
      /^\d\d:\d\d:\d\d {2}APPROVED by Li Wei {2}confirm-account: 000042$/m,
      /acting in account \*{4}0042 as acs:ram::/,
      /^\d\d:\d\d:\d\d {2}EXERCISE {2}== CONTAIN 2\/9 ==$/m,
      /finding \d\d:\d\d critical/,
      /WAITS {2}approve-cut: .*\(2\) \| read it/,
      new RegExp(`ram:UpdateAccessKey Status=Inactive · ${leaked} ·`),
      /Disable the keys — complete/,
      /witness \(approved approve-cut\) C bytes=\d+ sha256=[0-9a-f]{64}$/m,
      /begun in the background: Quiet window/,
    ])
      expect(said).toMatch(text);
    const [, live = ''] = said.split('---\n');
    expect(live.split('\n').filter((row) => fastStringWidth(row) > 80 && !row.includes('sha256='))).toEqual([]);
    expect(said).not.toMatch(/[\u202e\u2066\u001b]/);
  }, 60_000);

  it('shows no torn line and leaves it where it is', async () => {
    await cp(join(cli.vault, 'C'), join(cli.vault, 'T', 'C'), { recursive: true });
    const [vault, trail] = [join(cli.vault, 'T'), join(cli.vault, 'T', 'C', 'trail.jsonl')];
    await appendFile(trail, '{"at":"2026-03-14T19:04:00.000Z","text":"half');
    const before = await filesOf(join(vault, 'C'));
    const watch = watching(['follow', 'C', '--vault', vault]);
    await has(watch, 'Ctrl-C ends it');
    expect((await cli.call(['brief', 'C', '--vault', vault], bare)).status).toBe(0);
    watch.child.kill('SIGINT');
    expect((await watch.ended).status).toBe(130);
    expect(watch.said()).not.toContain('half');
    expect(await filesOf(join(vault, 'C'))).toEqual(before);
  });

  it('says so when a writer cut back what it could not keep', async () => {
    const [vault, trail] = [join(cli.vault, 'B'), join(cli.vault, 'B', 'C', 'trail.jsonl')];
    await cp(join(cli.vault, 'C'), join(vault, 'C'), { recursive: true });
    const lines = (await readFile(trail, 'utf8')).split('\n').slice(0, -1);
    const watch = watching(['follow', 'C', '--vault', vault]);
    await has(watch, 'Ctrl-C ends it');
    await writeFile(trail, `${lines.slice(0, -2).join('\n')}\n`);
    await has(watch, `!! What was shown from entry ${lines.length - 2} on is not in the trail any more`);
    watch.child.kill('SIGINT');
    expect((await watch.ended).status).toBe(130);
  });

  it('ends with 0 when the case closes; --json gives every entry, one a line', async () => {
    const [watch, entries] = [watching(['follow', 'C', '--lang', 'zh']), watching(['follow', 'C', '--json'])];
    await has(watch, 'Ctrl-C');
    await has(entries, '"type":"call.intended"');
    await cli.call(['abort', 'C', 'another \u009bteam']);
    expect((await watch.ended).status).toBe(0);
    expect(watch.said()).toMatch(/案件中止，\S+ — another \\u\{9b\}team\n$/);
    const { status, out, err } = await entries.ended;
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).not.toContain('\u009b');
    const rows = out.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual(await cli.entries('C'));
  });

  it('of a closed case says how it ended, and ends', async () => {
    const before = await filesOf(join(cli.vault, 'C'));
    const { status, out } = await cli.call(['follow', 'C'], bare);
    expect(status).toBe(0);
    expect(out).toContain('aborted');
    expect(out).not.toContain('Ctrl-C');
    const { out: brief } = await cli.call(['brief', 'C'], bare);
    expect(brief).toMatch(/aborted/);
    expect(brief).toContain(`read    firebreak report C --vault ${cli.vault}`);
    expect(await filesOf(join(cli.vault, 'C'))).toEqual(before);
  });
});

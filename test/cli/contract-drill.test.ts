// `npm start` as a stranger meets it: the whole drill without a terminal, its report, and what anyone can check of it afterwards.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCli, sha256, witnessesIn, type Cli, type Ended } from '../support/cli.ts';

let cli: Cli;
let played: Ended;
let seconds: number;

beforeAll(async () => {
  cli = await aCli();
  const startedAt = performance.now();
  played = await cli.run(['drill', 'leaked-access-key/first-night', '--case', 'D1']);
  seconds = (performance.now() - startedAt) / 1000;
}, 90_000);
afterAll(async () => cli.end());

describe('the drill without a terminal', () => {
  it('plays to a closed case within a minute, case first, report last', async () => {
    expect(played).toMatchObject({ status: 0, err: '' });
    expect(seconds).toBeLessThan(60);
    const rows = played.out.trimEnd().split('\n');
    expect(rows[0]).toBe('case: D1');
    expect(rows.at(-1)).toBe(`report: ${join(cli.vault, 'D1', 'report', 'report.md')}`);
    const prose = readFileSync(join(cli.vault, 'D1', 'report', 'report.md'), 'utf8').replaceAll(/^```.*?^```$/gms, '');
    expect(prose.split('\n').filter((row) => row.startsWith('#') && !row.includes('EXERCISE'))).toEqual([]);
    expect((await cli.entries('D1')).at(-1)).toMatchObject({ type: 'case.closed', outcome: 'closed' });
  });

  it('prints a witness for the opening, each approval, each phase and the close, and each holds', async () => {
    const trail = await cli.trail('D1');
    const printed = witnessesIn(played.out);
    for (const { line, bytes, sha256: sha } of printed) {
      expect(line).toMatch(/^D1 /);
      expect(sha256(trail.subarray(0, bytes))).toBe(sha);
    }
    const entries = await cli.entries('D1');
    const reasons = [...played.out.matchAll(/^witness \((.+?)\): /gm)].map(([, why]) => why);
    const approvals = entries.filter(({ type, outcome }) => type === 'step.finished' && outcome === 'approved').map(({ step }) => `approved ${String(step)}`);
    const phases = [...new Set(entries.flatMap(({ type, phase }) => (type === 'step.started' ? [String(phase)] : [])))].slice(1).map((phase) => `phase ${phase}`);
    expect(approvals.length).toBeGreaterThan(3);
    for (const why of ['opening', ...approvals, ...phases, 'close']) expect(reasons).toContain(why);
    expect(entries.filter(({ type }) => type === 'witness.given')).toHaveLength(reasons.length);
    expect(printed.at(-1)?.bytes).toBe(trail.length);
  });

  it('took its answers from the scenario and says so', async () => {
    const vias = new Set((await cli.entries('D1')).flatMap(({ type, via }) => (type === 'answer.given' ? [via] : [])));
    expect(vias).toEqual(new Set(['proposal', 'reference']));
  });

  it('verifies, by us and by six lines of Python', async () => {
    expect(await cli.json(['verify', 'D1', ...witnessesIn(played.out).flatMap(({ line }) => ['--witness', line])])).toMatchObject({
      status: 0,
      document: { intact: true, complete: true },
    });
    const python = `
import hashlib,json
p='0'*64;n=0
for l in open('trail.jsonl','rb'):
    l=l[:-1]; o=json.loads(l); assert o['prev']==p and o['seq']==n,n; p=hashlib.sha256(l).hexdigest(); n+=1
print(n,'entries, head',p)
`;
    const { stdout, status } = spawnSync('python3', ['-c', python], { cwd: join(cli.vault, 'D1'), encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(new RegExp(`^${(await cli.entries('D1')).length} entries, head [0-9a-f]{64}\n$`)), status: 0 });
  });

  it('is closed for good: status, resume and report agree, answers are refused', async () => {
    const { document } = await cli.json(['status', 'D1']);
    expect(document).toMatchObject({
      case: 'D1',
      mode: 'drill',
      origin: 'exercise',
      state: 'closed',
      outcome: 'closed',
      pending: null,
      report: join(cli.vault, 'D1', 'report', 'report.md'),
    });
    expect(await cli.json(['resume', 'D1'])).toMatchObject({ status: 0, document });
    await rm(join(cli.vault, 'D1', 'world.jsonl'));
    expect(await cli.json(['resume', 'D1'])).toMatchObject({ status: 0, document });
    expect(await cli.json(['answer', 'D1', 'told', 'x'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_CLOSED' } } });
    expect(await cli.json(['report', 'D1'])).toMatchObject({ status: 0, document: { header: { case: 'D1', origin: 'exercise' } } });
    expect(await cli.json(['report', 'D1', '--format', 'md'])).toMatchObject({ status: 0, document: { format: 'md', text: expect.stringMatching(/^# EXERCISE/) } });
  });
});

describe('the drill with an answers file', () => {
  it('stops where the file has no answer, and a resume with more of it goes on', async () => {
    const file = join(cli.folder, 'first.yaml');
    await writeFile(file, 'input.accessKeyId: LTAI5tEXAMPLEci00001\nconfirm-account: [approve]\n');
    expect(await cli.json(['drill', '--case', 'D2', '--answers', file])).toMatchObject({ status: 75, document: { state: 'waiting', pending: { step: 'approve-cut' } } });
    await writeFile(file, 'approve-cut: approve\napprove-users: approve\nnotify-lead: {skip: everybody is here}\n');
    const { status, document } = await cli.json(['resume', 'D2', '--answers', file]);
    expect({ status, document }).toMatchObject({ status: 75, document: { state: 'waiting' } });
    const entries = await cli.entries('D2');
    expect(entries).toContainEqual(expect.objectContaining({ type: 'step.finished', step: 'cut', outcome: 'all' }));
    expect(entries).toContainEqual(expect.objectContaining({ type: 'step.finished', step: 'notify-lead', outcome: 'skipped', reason: 'everybody is here' }));
  });

  it('refuses names the sealed runbook does not have', async () => {
    const file = join(cli.folder, 'wrong.yaml');
    await writeFile(file, 'nowhere: x\n');
    const before = await cli.trail('D2');
    expect(await cli.json(['resume', 'D2', '--answers', file])).toMatchObject({ status: 65, document: { error: { code: 'E_ANSWERS', where: `${file}:1:1` } } });
    expect(await cli.trail('D2')).toEqual(before);
  });

  it('ends as failed, exit 1, when what had to be done was not', async () => {
    const file = join(cli.folder, 'away.yaml');
    await writeFile(file, 'input.accessKeyId: LTAI5tEXAMPLEci00001\nconfirm-account: no\nwrong-account: stop\n');
    const { status, out } = await cli.call(['drill', '--case', 'D3', '--answers', file]);
    expect(status).toBe(1);
    expect(out).toMatch(/The drill was not passed.*\nreport: .*\n$/);
    expect((await cli.call(['verify', 'D3'])).status).toBe(0);
  });
});

// A case handled by a program: `status --json`, `answer`, `resume`, `abort` against an account on loopback, and all that they must refuse.
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Range } from '../../src/range/server.ts';
import { aCli, anAccount, filesOf, leaked, sha256, witnessesIn, type Cli, type Document } from '../support/cli.ts';

let cli: Cli;
let account: Range;

beforeAll(async () => {
  cli = await aCli();
  account = await anAccount(cli);
});
afterAll(async () => {
  await account.close();
  await cli.end();
});

const opening = ['run', 'leaked-access-key', '--input', `accessKeyId=${leaked}`];
const waits = (document: Document): string | undefined => document.pending?.step;

/** A case that waits for the approval of its cut. */
async function atTheCut(id: string): Promise<Document> {
  await cli.call([...opening, '--case', id]);
  return (await cli.json(['answer', id, 'confirm-account', '000042'])).document;
}

describe('opening a case', () => {
  it('says the case first, then what to write down, and ends open with the question', async () => {
    const { status, out, err } = await cli.call(['run', 'leaked-access-key', '--case', 'OPEN', '--as', 'the responder']);
    expect({ status, err }).toEqual({ status: 75, err: '' });
    const rows = out.split('\n');
    expect(rows[0]).toBe('case: OPEN');
    expect(rows[1]).toMatch(/^key fingerprint: ([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
    expect(rows[2]).toMatch(/^witness \(opening\): OPEN bytes=\d+ sha256=[0-9a-f]{64}$/);
    expect(out).toContain(`answer: firebreak answer OPEN input.accessKeyId VALUE --vault ${cli.vault}`);
    expect(out).toContain('EXERCISE');
    const trail = await cli.trail('OPEN');
    for (const { bytes, sha256: sha } of witnessesIn(out)) expect(sha256(trail.subarray(0, bytes))).toBe(sha);
    expect((await cli.entries('OPEN'))[0]).toMatchObject({
      type: 'case.opened',
      case: 'OPEN',
      origin: 'exercise',
      mode: 'live',
      endpoint: account.url,
      by: 'the responder',
      credential: 'environment',
    });
  });

  it('asks for what is missing with an example, and takes proposals as proposals', async () => {
    const { status, document } = await cli.json(['run', 'leaked-access-key', '--case', 'ASK', '--input', 'severity=high']);
    expect(status).toBe(75);
    expect(document).toMatchObject({
      case: 'ASK',
      origin: 'exercise',
      runbook: 'leaked-access-key',
      mode: 'live',
      phase: 'analyze',
      state: 'waiting',
      jobs: [],
      debts: [],
      pending: { step: 'input.accessKeyId', kind: 'ask', expects: { format: 'access-key-id', example: expect.stringMatching(/^LTAI/) } },
    });
    expect(Object.keys(document).toSorted()).toEqual(['case', 'debts', 'jobs', 'mode', 'origin', 'pending', 'phase', 'runbook', 'state', 'step', 'witness']);
    const given = (await cli.entries('ASK')).filter(({ type }) => type === 'answer.given').map(({ step, via, value }) => ({ step, via, value }));
    expect(given).toContainEqual({ step: 'input.severity', via: 'input', value: 'high' });
    expect(given).toContainEqual({ step: 'input.detectedHow', via: 'proposal', value: 'alert' });
    expect(given.find(({ step }) => step === 'input.accessKeyId')).toBeUndefined();
    const answered = await cli.json(['answer', 'ASK', 'input.accessKeyId', leaked]);
    expect(answered).toMatchObject({ status: 75, document: { pending: { step: 'confirm-account', kind: 'approve', target: '1000000000000042', expects: { text: '000042' } } } });
  });

  it('lets an answers file replace proposals, but never approve', async () => {
    const file = join(cli.folder, 'live.yaml');
    await writeFile(file, `input.accessKeyId: ${leaked}\ninput.lead: zoe\nconfirm-account: 000042\n`);
    const { status, out, err } = await cli.call(['run', 'leaked-access-key', '--case', 'FILE', '--answers', file]);
    expect(status).toBe(75);
    expect(err).toMatch(/can not approve in a live case: confirm-account waits/);
    expect(out).toContain('to approve, answer: 000042');
    const given = (await cli.entries('FILE')).filter(({ step }) => step === 'input.lead').map(({ via, value }) => ({ via, value }));
    expect(given).toEqual([{ via: 'file', value: 'zoe' }]);
  });

  it('keeps two cases apart, refuses a third of the same name', async () => {
    const [one, two] = await Promise.all(['TWIN-1', 'TWIN-2'].map(async (id) => cli.run([...opening, '--case', id])));
    expect([one?.status, two?.status]).toEqual([75, 75]);
    const before = await cli.trail('TWIN-1');
    expect(await cli.json([...opening, '--case', 'TWIN-1'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_EXISTS' } } });
    expect(await cli.trail('TWIN-1')).toEqual(before);
  });

  it('keeps every folder to its owner whatever the umask, in a path with spaces and Chinese characters', async () => {
    const vault = join(cli.folder, '档案 库', "it's a vault");
    const old = process.umask(0);
    try {
      await cli.call([...opening, '--case', 'UMASK', '--vault', vault]);
    } finally {
      process.umask(old);
    }
    const names = await readdir(vault, { recursive: true, withFileTypes: true });
    expect(names.length).toBeGreaterThan(5);
    for (const entry of names) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect([entry.name, (mode & 0o777).toString(8)]).toEqual([entry.name, entry.isDirectory() ? '700' : '600']);
    }
    const { out } = await cli.call(['status', 'UMASK', '--vault', vault]);
    expect(out).toContain(`--vault '${vault.replaceAll("'", String.raw`'\''`)}'`);
  });
});

describe('an answer', () => {
  it.each([
    [['answer', 'REFUSE', 'approve-cut', 'cut 2 0000'], 65, 'E_STALE'],
    [['answer', 'REFUSE', 'nowhere', 'x'], 65, 'E_STALE'],
    [['answer', 'REFUSE', 'input.accessKeyId', leaked], 65, 'E_STALE'],
    [['answer', 'REFUSE', 'input.nobody', 'x'], 65, 'E_INPUT'],
    [['answer', 'REFUSE', 'confirm-account', 'yes'], 65, 'E_VALUE'],
    [['answer', 'REFUSE', 'confirm-account', ''], 65, 'E_VALUE'],
    [['answer', 'REFUSE', 'confirm-account', '1000000000000042'], 65, 'E_VALUE'],
    [['answer', 'REFUSE', 'confirm-account', '--skip', 'no time'], 77, 'E_GUARD'],
    [['answer', 'REFUSE', 'confirm-account', '--waive', 'no time'], 65, 'E_STALE'],
    [['answer', 'NOPE', 'confirm-account', '000042'], 65, 'E_CASE_UNKNOWN'],
    [['answer', '../REFUSE', 'confirm-account', '000042'], 65, 'E_CASE_NAME'],
  ])('%j is refused with nothing moved', async (words, status, code) => {
    if (!(await cli.cases()).includes('REFUSE')) await cli.call([...opening, '--case', 'REFUSE']);
    const before = await cli.trail('REFUSE');
    const refused = await cli.json(words);
    expect(refused).toMatchObject({ status, document: { error: { code, message: expect.any(String), hint: expect.any(String) } } });
    expect(await cli.trail('REFUSE')).toEqual(before);
  });

  it('moves nothing without a credential, for another account, or towards another cloud', async () => {
    await cli.call([...opening, '--case', 'CLOUD']);
    const before = await cli.trail('CLOUD');
    const answer = ['answer', 'CLOUD', 'confirm-account', '000042'];
    expect(await cli.json(answer, { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, ALIBABA_CLOUD_ACCESS_KEY_SECRET: undefined })).toMatchObject({
      status: 77,
      document: { error: { code: 'E_CREDENTIAL' } },
    });
    expect(await cli.json(answer, { FIREBREAK_ENDPOINT: undefined, FIREBREAK_SETTLE_MS: undefined })).toMatchObject({
      status: 77,
      document: { error: { code: 'E_ENDPOINT', message: expect.stringContaining('must not reach a real account') } },
    });
    expect(await cli.trail('CLOUD')).toEqual(before);
  });

  it('approves with the exact text alone, prints the witness of it, and goes on to the next question', async () => {
    const { pending } = await atTheCut('CUT');
    const text = String(pending?.expects?.text);
    expect(text).toMatch(/^cut 2 [0-9a-f]{4}$/);
    expect(await cli.json(['answer', 'CUT', 'approve-cut', text.replace('cut 2', 'cut 3')])).toMatchObject({ status: 65 });
    const { status, out } = await cli.call(['answer', 'CUT', 'approve-cut', text]);
    expect(status).toBe(75);
    expect(out).toMatch(/^case: CUT\nwitness \(approved approve-cut\): CUT bytes=/);
    const trail = await cli.trail('CUT');
    const witnesses = witnessesIn(out);
    expect(witnesses).toHaveLength(2);
    for (const { bytes, sha256: sha } of witnesses) expect(sha256(trail.subarray(0, bytes))).toBe(sha);
    expect(account.effects().filter(({ action }) => action === 'UpdateAccessKey')).toHaveLength(2);
    const users = (await cli.json(['status', 'CUT'])).document;
    expect(waits(users)).toBe('approve-users');
    const next = await cli.call(['answer', 'CUT', 'approve-users', String(users.pending?.expects?.text)]);
    expect(next.out).toContain('witness (phase notify): CUT bytes=');
    expect(waits((await cli.json(['status', 'CUT'])).document)).toBe('notify-lead');
    const held = ['verify', 'CUT', '--open', ...[...witnesses, ...witnessesIn(next.out)].flatMap(({ line }) => ['--witness', line])];
    expect(await cli.json(held)).toMatchObject({ status: 0, document: { intact: true, complete: true, anchored: { after: 0 } } });
  });

  it('is one of the choices where there are choices', async () => {
    const { document } = await cli.json(['status', 'CUT']);
    expect(document).toMatchObject({ pending: { kind: 'notify', choices: ['done', 'failed'] } });
    expect(await cli.json(['answer', 'CUT', 'notify-lead', 'yes'])).toMatchObject({
      status: 65,
      document: { error: { code: 'E_VALUE', message: expect.stringContaining('done, failed') } },
    });
    expect(await cli.json(['answer', 'CUT', 'notify-lead', 'done'])).toMatchObject({ status: 75 });
  });

  it('may be a skip with its reason, of a job too', async () => {
    const skipped = await cli.json(['answer', 'CUT', 'key-record', '--skip', 'the range is slow']);
    expect(skipped).toMatchObject({
      status: 75,
      document: { jobs: expect.arrayContaining([{ job: 'key-record', status: 'finished', outcome: 'skipped', done: expect.any(Number), total: expect.any(Number) }]) },
    });
  });
});

describe('status', () => {
  it('reads without a lock, without a key, without a write', async () => {
    const before = await filesOf(join(cli.vault, 'CUT'));
    for (const words of [['status', 'CUT'], ['status'], ['report', 'CUT'], ['verify', 'CUT', '--open'], []]) {
      expect((await cli.call(words, { FIREBREAK_STATE: join(cli.folder, 'nothing'), ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, FIREBREAK_ENDPOINT: undefined })).status).toBe(0);
    }
    expect(await filesOf(join(cli.vault, 'CUT'))).toEqual(before);
    expect(await readdir(cli.folder)).not.toContain('nothing');
  });

  it('lists every case of the vault, the damaged ones too', async () => {
    const vault = join(cli.folder, 'mixed');
    await cp(join(cli.vault, 'ASK'), join(vault, 'WHOLE'), { recursive: true });
    await mkdir(join(vault, 'TORN'), { recursive: true });
    await writeFile(join(vault, 'TORN', 'trail.jsonl'), 'junk');
    const { document } = await cli.json(['status', '--vault', vault]);
    expect(document).toMatchObject({
      cases: [
        { case: 'TORN', unreadable: expect.any(String) },
        { case: 'WHOLE', origin: 'exercise', runbook: 'leaked-access-key', mode: 'live', openedAt: expect.any(String) },
      ],
    });
    expect((await cli.call(['--vault', vault])).out).toMatch(/TORN {2}can not be read/);
    expect((await cli.call(['status', '--vault', vault, '--lang', 'zh'])).out).toMatch(/WHOLE {2}EXERCISE .* 未结/);
  });

  it('says where it stands in both languages', async () => {
    expect((await cli.call(['status', 'ASK'])).out).toMatch(/^case: ASK\nEXERCISE {2}leaked-access-key {2}analyze \/ confirm-account {2}waiting for an answer\n/);
    expect((await cli.call(['status', 'ASK', '--lang', 'zh'])).out).toMatch(/^case: ASK\n演练（EXERCISE） {2}leaked-access-key {2}analyze \/ confirm-account {2}等待回答\n/);
  });
});

describe('a trail that is not what it was', () => {
  it.each([
    ['a changed byte', (trail: Buffer) => Buffer.concat([trail.subarray(0, 900), Buffer.from([(trail[900] as number) ^ 1]), trail.subarray(901)])],
    ['a line too few', (trail: Buffer) => Buffer.concat([trail.subarray(0, trail.indexOf(10) + 1), trail.subarray(trail.indexOf(10, trail.indexOf(10) + 1) + 1)])],
    ['nothing in it', () => Buffer.alloc(0)],
    ['no line in it', () => Buffer.from('junk')],
  ])('with %s is not gone on with', async (name, change) => {
    const vault = join(cli.folder, `broken ${name}`);
    await cp(join(cli.vault, 'ASK'), join(vault, 'ASK'), { recursive: true });
    await writeFile(join(vault, 'ASK', 'trail.jsonl'), change(await cli.trail('ASK')));
    const before = await readFile(join(vault, 'ASK', 'trail.jsonl'));
    for (const words of [
      ['status', 'ASK'],
      ['resume', 'ASK'],
      ['answer', 'ASK', 'confirm-account', '000042'],
      ['abort', 'ASK', 'why'],
      ['report', 'ASK'],
    ]) {
      expect([words[0], await cli.json([...words, '--vault', vault])]).toMatchObject([words[0], { status: 74, document: { error: { code: 'E_TRAIL_BROKEN' } } }]);
    }
    expect(await cli.json(['verify', 'ASK', '--open', '--vault', vault])).toMatchObject({ status: 1, document: { intact: false } });
    expect(await readFile(join(vault, 'ASK', 'trail.jsonl'))).toEqual(before);
  });

  it('in a folder of another name is read, but not gone on with', async () => {
    const vault = join(cli.folder, 'copies');
    await cp(join(cli.vault, 'ASK'), join(vault, 'COPY'), { recursive: true });
    expect((await cli.call(['verify', 'COPY', '--open', '--vault', vault])).status).toBe(0);
    expect(await cli.json(['answer', 'COPY', 'confirm-account', '000042', '--vault', vault])).toMatchObject({
      status: 65,
      document: { error: { code: 'E_CASE_UNKNOWN', message: expect.stringContaining('a copy of case ASK') } },
    });
  });

  it('goes by the runbook sealed in it, and stops where that was altered or is missing', async () => {
    const vault = join(cli.folder, 'altered');
    await cp(join(cli.vault, 'ASK'), join(vault, 'ASK'), { recursive: true });
    const [opened] = await cli.entries('ASK');
    const object = join(vault, 'ASK', 'objects', String(opened?.['runbookSha256']));
    await writeFile(object, `${await readFile(object, 'utf8')} `);
    for (const words of [
      ['status', 'ASK'],
      ['resume', 'ASK'],
    ])
      expect(await cli.json([...words, '--vault', vault])).toMatchObject({ status: 74 });
    expect((await cli.call(['verify', 'ASK', '--open', '--vault', vault])).status).toBe(1);
    await rm(object);
    expect(await cli.json(['resume', 'ASK', '--vault', vault])).toMatchObject({ status: 74 });
  });
});

describe('the case key', () => {
  it('must be here, or another one is adopted on record', async () => {
    const elsewhere = { FIREBREAK_STATE: join(cli.folder, 'other-laptop') };
    const before = await cli.trail('OPEN');
    expect(await cli.json(['resume', 'OPEN'], elsewhere)).toMatchObject({
      status: 74,
      document: { error: { code: 'E_KEY_MISSING', hint: expect.stringContaining('firebreak resume OPEN --adopt REASON') } },
    });
    expect(await cli.trail('OPEN')).toEqual(before);
    expect((await cli.call(['resume', 'OPEN', '--adopt', 'the other laptop is gone'], elsewhere)).status).toBe(75);
    expect(await cli.entries('OPEN')).toContainEqual(expect.objectContaining({ type: 'key.adopted', reason: 'the other laptop is gone' }));
    const { status, document } = await cli.json(['verify', 'OPEN', '--open']);
    expect(status).toBe(0);
    expect(document).toMatchObject({ coverage: { unendorsedFrom: expect.any(Number) } });
  });

  it('is compared when its fingerprint is given', async () => {
    const { out } = await cli.call(['verify', 'ASK', '--open']);
    const key = /([0-9a-f]{4} ){7}[0-9a-f]{4}/.exec(out)?.[0] as string;
    expect((await cli.call(['verify', 'ASK', '--open', '--key', key])).status).toBe(0);
    expect((await cli.call(['verify', 'ASK', '--open', '--key', key.replaceAll(' ', '')])).status).toBe(0);
    expect((await cli.call(['verify', 'ASK', '--open', '--key', key.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))])).status).toBe(1);
    expect((await cli.call(['verify', 'ASK', '--open', '--key', 'nonsense'])).status).toBe(2);
  });

  it('does not help a witness that does not hold', async () => {
    const { document } = await cli.json(['status', 'ASK']);
    const witness = String(document['witness']);
    const verify = async (...lines: readonly string[]): Promise<number | null> =>
      (await cli.call(['verify', 'ASK', '--open', ...lines.flatMap((line) => ['--witness', line])])).status;
    expect(await verify(witness)).toBe(0);
    expect(await verify(witness.replace('ASK ', ''))).toBe(0);
    expect(
      await verify(
        witness,
        witness.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
      ),
    ).toBe(1);
    expect(await verify(witness.replace('ASK', 'OPEN'))).toBe(1);
    expect(await verify('nonsense')).toBe(2);
  });
});

describe('the end of a case', () => {
  it('needs no credential, keeps containment, and prints the report last', async () => {
    const { status, out } = await cli.call(['abort', 'TWIN-2', 'handled by another team'], { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined });
    expect(status).toBe(0);
    const rows = out.trimEnd().split('\n');
    expect(rows[0]).toBe('case: TWIN-2');
    expect(rows.at(-1)).toBe(`report: ${join(cli.vault, 'TWIN-2', 'report', 'report.md')}`);
    expect(out).toContain('witness (abort): TWIN-2 bytes=');
    expect((await cli.entries('TWIN-2')).at(-1)).toMatchObject({ type: 'case.closed', outcome: 'aborted', reason: 'handled by another team' });
    expect((await cli.call(['verify', 'TWIN-2'])).status).toBe(0);
  });

  it.each([
    ['answer', 'TWIN-2', 'confirm-account', '000042'],
    ['answer', 'TWIN-2', 'confirm-account', '--skip', 'why'],
    ['answer', 'TWIN-2', 'confirm-account', '--waive', 'why'],
    ['abort', 'TWIN-2', 'again'],
  ])('takes nothing more: %s %s %s', async (...words) => {
    const before = await cli.trail('TWIN-2');
    expect(await cli.json(words)).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_CLOSED' } } });
    expect(await cli.trail('TWIN-2')).toEqual(before);
  });

  it('resumes as its status, without a credential, and makes up for a lost report', async () => {
    const report = join(cli.vault, 'TWIN-2', 'report');
    const written = await readFile(join(report, 'report.md'), 'utf8');
    await rm(report, { recursive: true });
    expect((await cli.json(['status', 'TWIN-2'])).document).not.toHaveProperty('report');
    const { status, document } = await cli.json(['resume', 'TWIN-2'], { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, FIREBREAK_ENDPOINT: undefined });
    expect({ status, document }).toMatchObject({ status: 0, document: { state: 'closed', outcome: 'aborted', pending: null, report: join(report, 'report.md') } });
    expect(await readFile(join(report, 'report.md'), 'utf8')).toBe(written);
  });

  it('leaves the list of open cases', async () => {
    const { document } = await cli.json([]);
    const open = (document['cases'] as unknown as { case: string }[]).map(({ case: id }) => id);
    expect(open).toContain('TWIN-1');
    expect(open).not.toContain('TWIN-2');
  });

  it('is told when its report can not be written, and keeps the case closed', async () => {
    await cli.call([...opening, '--case', 'NOREPORT']);
    await writeFile(join(cli.vault, 'NOREPORT', 'report'), 'in the way');
    expect(await cli.json(['abort', 'NOREPORT', 'why'])).toMatchObject({ status: 74, document: { error: { code: 'E_VAULT_WRITE' } } });
    await rename(join(cli.vault, 'NOREPORT', 'report'), join(cli.folder, 'away'));
    expect(await cli.json(['resume', 'NOREPORT'])).toMatchObject({ status: 0, document: { outcome: 'aborted' } });
  });
});

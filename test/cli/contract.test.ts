// The command line before any case is there: usage, JSON, exit statuses, and that nothing is half-written.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastStringWidth from 'fast-string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCli, bin, leaked, type Cli } from '../support/cli.ts';

let cli: Cli;
const credential = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5tEXAMPLEnobody00', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'example-secret' };

beforeAll(async () => {
  cli = await aCli();
});
afterAll(async () => cli.end());

describe('usage', () => {
  it.each([
    'nope',
    '--nope',
    'status --nope',
    'status A B',
    'answer A',
    'answer A step',
    'answer A step value --skip why',
    'answer A step --skip why --second someone',
    'answer A step value --signed file',
    'answer A step value --tried someone',
    'abort A',
    'verify',
    'resume',
    'report A B',
    'report A --format pdf',
    'run',
    'drill a b',
    'drill --case=',
    'drill --input',
    'help nope',
    'help drill nope',
    '--lang fr',
    'status --lang',
    'status --json=yes',
    'runbook',
    'runbook nope',
    'runbook list more',
    'runbook schema more',
    'runbook show',
    'range --port x',
    'range --port 99999',
  ])('refuses "firebreak %s" with status 2, on stderr alone', async (line) => {
    const { status, out, err } = await cli.call(line.split(' '));
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^E_USAGE: .+\n.+/);
  });

  it.each(['checkup', 'constructor'])('does not know "%s" yet', async (line) => {
    expect((await cli.call(line.split(' '))).status).toBe(2);
  });

  it('names in its help just the commands it has, within 80 columns, in both languages', async () => {
    for (const lang of ['en', 'zh']) {
      const { status, out } = await cli.call(['help', '--lang', lang]);
      expect(status).toBe(0);
      const named = [...out.matchAll(/^ {2}firebreak (\w+)/gm)].map(([, name]) => name);
      expect(named).toEqual([
        'drill',
        'run',
        'resume',
        'answer',
        'jump',
        'approval',
        'abort',
        'note',
        'attach',
        'undo',
        'handover',
        'status',
        'brief',
        'follow',
        'verify',
        'reconcile',
        'report',
        'events',
        'runbook',
        'preflight',
        'config',
        'completion',
        'range',
      ]);
      expect(out).not.toMatch(/checkup/);
      expect(out.split('\n').filter((row) => fastStringWidth(row) > 80)).toEqual([]);
    }
  });

  it('takes a value that begins with a dash behind "--", and takes no option from there', async () => {
    const { status, err } = await cli.call(['answer', '--vault', cli.vault, '--', 'A', 'step', '--json']);
    expect(status).toBe(65);
    expect(err).toMatch(/^E_CASE_UNKNOWN/);
    expect((await cli.call(['answer', 'A', 'step', '-5'])).err).toContain('stands behind "--"');
  });
});

describe('--json', () => {
  it.each([
    ['', 0, { cases: [] }],
    ['status', 0, { cases: [] }],
    ['--version', 0, { version: expect.stringMatching(/^\d+\.\d+\.\d+/) }],
    ['help', 0, { commands: expect.arrayContaining([expect.objectContaining({ name: 'drill' })]) }],
    ['--help', 0, { commands: expect.any(Array) }],
    ['drill --help', 0, { commands: [expect.objectContaining({ name: 'drill', summary: expect.any(String) })] }],
    [
      'runbook list',
      0,
      {
        runbooks: [
          expect.objectContaining({ id: 'leaked-access-key', drills: expect.arrayContaining(['first-night', 'second-key']) }),
          expect.objectContaining({ id: 'taken-role' }),
        ],
      },
    ],
    ['runbook check', 0, { runbooks: ['leaked-access-key', 'taken-role'].map((name) => ({ name, problems: [] })) }],
    ['runbook show leaked-access-key', 0, { runbook: 'leaked-access-key', markdown: expect.stringMatching(/^# /) }],
    ['runbook graph leaked-access-key', 0, { mermaid: expect.stringMatching(/^stateDiagram/) }],
    ['runbook schema', 0, { type: 'object', properties: expect.objectContaining({ steps: expect.anything() }) }],
    ['nope', 2, { error: { code: 'E_USAGE', message: expect.any(String), hint: expect.any(String) } }],
    ['status NOPE', 65, { error: expect.objectContaining({ code: 'E_CASE_UNKNOWN' }) }],
    ['status ../x', 65, { error: expect.objectContaining({ code: 'E_CASE_NAME' }) }],
    ['verify NOPE', 65, { error: expect.objectContaining({ code: 'E_CASE_UNKNOWN' }) }],
    ['runbook show nope', 65, { error: expect.objectContaining({ code: 'E_RUNBOOK_UNKNOWN' }) }],
    ['run leaked-access-key', 77, { error: expect.objectContaining({ code: 'E_CREDENTIAL' }) }],
  ] as const)('prints one document for "firebreak %s" and nothing else', async (line, expected, document) => {
    const { status, out, err } = await cli.call([...line.split(' ').filter((word) => word !== ''), '--json']);
    expect({ status, err }).toEqual({ status: expected, err: '' });
    expect(JSON.parse(out)).toMatchObject(document);
  });
});

describe('what is refused before a case exists', () => {
  const run = (rest: string): string => `run leaked-access-key --case R ${rest}`.trim();

  it.each<[string, number, string, Record<string, string>]>([
    [run(''), 77, 'E_CREDENTIAL', {}],
    [run('--profile nobody'), 77, 'E_CREDENTIAL', {}],
    [run(''), 77, 'E_CREDENTIAL', { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5tEXAMPLEnobody00' }],
    [run(''), 77, 'E_ENDPOINT', { ...credential, FIREBREAK_ENDPOINT: 'http://10.0.0.1:80' }],
    [run(''), 77, 'E_ENDPOINT', { ...credential, FIREBREAK_ENDPOINT: 'http://localhost:80' }],
    [run(''), 77, 'E_ENDPOINT', { ...credential, FIREBREAK_ENDPOINT: 'https://127.0.0.1:80' }],
    [run(''), 77, 'E_ENDPOINT', { ...credential, FIREBREAK_ENDPOINT: 'http://127.0.0.1:80@example.com' }],
    [run(''), 2, 'E_USAGE', { ...credential, FIREBREAK_SETTLE_MS: '5' }],
    [run(''), 2, 'E_USAGE', { ...credential, FIREBREAK_SETTLE_MS: 'soon', FIREBREAK_ENDPOINT: 'http://127.0.0.1:9' }],
    ['drill --case R', 2, 'E_USAGE', { FIREBREAK_SETTLE_MS: 'soon' }],
    [run('--input accessKeyId'), 2, 'E_USAGE', credential],
    [run('--input lead=a --input lead=b'), 2, 'E_USAGE', credential],
    [run('--input nobody=x'), 65, 'E_INPUT', credential],
    [run('--input constructor=x'), 65, 'E_INPUT', credential],
    [run('--input accessKeyId=!!'), 65, 'E_INPUT', credential],
    [run('--input severity=meh'), 65, 'E_INPUT', credential],
    ['drill --case R --input nobody=x', 65, 'E_INPUT', {}],
    ['drill --case ../x', 65, 'E_CASE_NAME', {}],
    ['drill --case .x', 65, 'E_CASE_NAME', {}],
    ['drill nope', 65, 'E_RUNBOOK_UNKNOWN', {}],
    ['drill ../runbooks', 65, 'E_RUNBOOK_UNKNOWN', {}],
    ['drill leaked-access-key/nope', 65, 'E_RUNBOOK_UNKNOWN', {}],
    ['drill leaked-access-key/first-night/more', 65, 'E_RUNBOOK_UNKNOWN', {}],
    ['range nope/nope', 65, 'E_RUNBOOK_UNKNOWN', {}],
    ['drill --case R --answers nowhere.yaml', 65, 'E_ANSWERS', {}],
    ['status --vault /dev/null', 74, 'E_VAULT_READ', {}],
    ['drill --case R --vault /dev/null/x', 74, 'E_VAULT_WRITE', {}],
    ['drill --case R', 74, 'E_VAULT_WRITE', { FIREBREAK_STATE: '/dev/null/x' }],
  ])('"firebreak %s" ends with %i %s and leaves nothing behind', async (line, expected, code, env) => {
    const { status, out, err } = await cli.call(line.split(' '), env);
    expect({ status, out }).toEqual({ status: expected, out: '' });
    expect(err).toMatch(new RegExp(`^${code}: .+\\n.+`));
    expect(await cli.cases()).toEqual([]);
  });

  it.each([
    ['a list', '- told\n', /not a map.*answers\.yaml\]/],
    ['nothing', '', /not a map/],
    ['no YAML', 'told: [\n', /not YAML.*answers\.yaml:\d+:\d+\]/],
    ['a key twice', 'told: a\ntold: b\n', /not YAML.*answers\.yaml:2:1\]/],
    ['a map for a step', 'who-am-i: a\ntold: {say: x}\n', /told is neither.*answers\.yaml:2:1\]/],
    ['a skip without a reason', 'told: {skip: }\n', /told is neither/],
    ['an empty list', 'told: []\n', /told is neither/],
    ['an empty answer', 'told:\n', /told is neither/],
    ['steps that are not there', 'told: x\nnope: 1\ninput.nope: 2\ncut/deeper: 3\n', /no step nope, input\.nope, cut\/deeper.*answers\.yaml:2:1\]/],
  ])('an answers file with %s is refused with its place', async (name, text, message) => {
    const file = join(cli.folder, `${name.replaceAll(' ', '-')}-answers.yaml`);
    await writeFile(file, text);
    const { status, out, err } = await cli.call(['drill', '--case', 'R', '--answers', file]);
    expect({ status, out }).toEqual({ status: 65, out: '' });
    expect(err).toMatch(/^E_ANSWERS/);
    expect(err).toMatch(message);
    expect(await cli.cases()).toEqual([]);
  });
});

describe('runbooks', () => {
  it('checks a file of its own and names line and column', async () => {
    const text = await readFile(new URL('../../runbooks/leaked-access-key/runbook.yaml', import.meta.url), 'utf8');
    const file = join(cli.folder, 'mine.yaml');
    await writeFile(file, text.replace('  - id: who-am-i\n    kind: collect', '  - id: who-am-i\n    kind: guess'));
    const { status, out } = await cli.call(['runbook', 'check', file]);
    expect(status).toBe(1);
    const line = text.slice(0, text.indexOf('- id: who-am-i')).split('\n').length + 1;
    expect(out).toContain(`${file}:${line}:`);
    await writeFile(file, text);
    expect(await cli.call(['runbook', 'check', file])).toEqual({ status: 0, out: `${file}: ok\n`, err: '' });
  });

  it('prints the paper version in both languages', async () => {
    const [en, zh] = await Promise.all(['en', 'zh'].map(async (lang) => cli.call(['runbook', 'show', 'leaked-access-key', '--lang', lang])));
    expect(en?.out).toMatch(/^# Leaked AccessKey\n/);
    expect(zh?.out).toMatch(/^# AccessKey 泄露\n/);
  });

  it('prints the least RAM policy, by tier, with or without what an undo needs', async () => {
    const allowed = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { status, out } = await cli.call(['runbook', 'policy', 'leaked-access-key', ...words]);
      expect(status).toBe(0);
      return (JSON.parse(out) as { Statement: { Action: string[] }[] }).Statement.flatMap(({ Action }) => Action);
    };
    expect(await allowed()).toContain('ram:UpdateAccessKey');
    expect(await allowed('--tier', 'read')).not.toContain('ram:UpdateAccessKey');
    expect(await allowed('--undo')).toContain('ecs:StartInstances');
    expect((await cli.json(['runbook', 'policy', 'leaked-access-key'])).document).toMatchObject({ runbook: 'leaked-access-key', tier: 'contain', policy: { Version: '1' } });
    expect((await cli.call(['runbook', 'policy', 'leaked-access-key', '--tier', 'all'])).status).toBe(2);
    expect((await cli.call(['runbook', 'list', '--undo'])).status).toBe(2);
  });

  it('publishes a schema every reference of which leads somewhere', async () => {
    const { document } = await cli.json(['runbook', 'schema']);
    const references: string[] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('$ref' in value) references.push(String(value.$ref));
      for (const each of Object.values(value)) walk(each);
    };
    walk(document);
    expect(String(document['$schema'])).toMatch(/^https:\/\/json-schema\.org\//);
    for (const reference of references) {
      const found = reference
        .replace(/^#\/?/, '')
        .split('/')
        .filter((part) => part !== '')
        .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document);
      expect(found, reference).toBeDefined();
    }
  });
});

describe('the process', () => {
  it('keeps stdout to the document and stderr to the fault, and ends with the status', async () => {
    const [help, wrong, json] = await Promise.all([cli.run(['--version']), cli.run(['nope']), cli.run(['status', 'NOPE', '--json'], { FIREBREAK_LOG: 'debug' })]);
    expect(help).toEqual({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    expect(wrong).toMatchObject({ status: 2, out: '', err: expect.stringMatching(/^E_USAGE/) });
    expect(json.status).toBe(65);
    expect(JSON.parse(json.out)).toMatchObject({ error: { code: 'E_CASE_UNKNOWN' } });
  });

  it('works for a user without name and home', async () => {
    const { status, out } = await cli.run(['status', '--json'], { HOME: undefined, FIREBREAK_STATE: undefined });
    expect({ status, out }).toEqual({ status: 0, out: '{"cases":[]}\n' });
  });

  it('says so when what it prints does not fit on the disk', async ({ skip }) => {
    if (!existsSync('/dev/full')) skip('there is no /dev/full here');
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [bin, 'help'], { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect(status).toBe(74);
    expect(stderr).toMatch(/^E_VAULT_WRITE: .*ENOSPC/);
  });

  it('takes a reader that had enough for no error', async () => {
    const { stdout, stderr } = spawnSync('sh', ['-c', '("$0" "$1" runbook schema; echo "$?" >&2) | head -c 1', process.execPath, bin], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '{', stderr: '0\n' });
  });

  it('tells an old Node in one line what is missing', async ({ skip }) => {
    const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
      (node) => existsSync(node) && Number(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.slice(1).split('.')[0]) < 24,
    );
    if (old === undefined) skip('there is no old Node here');
    const { status, stdout, stderr } = spawnSync(old as string, [bin, 'status'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^firebreak needs Node 24 or newer; this is \d+\.\d+\.\d+\. [^\n]+\n$/);
  });
});

it('needs no credential, no vault and no case for what only reads', async () => {
  const { status, out } = await cli.call([], { HOME: undefined });
  expect(status).toBe(0);
  expect(out).toContain('No open case.');
  expect(out).toContain('firebreak run leaked-access-key --profile NAME');
  expect(out).not.toContain(leaked);
  expect((await cli.call(['--lang', 'zh'])).out).toContain('没有未结案件。');
});

// What can not be undone, over the whole command line on a real range: two persons, a signature from another machine, a waiver.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import type { Action } from '../../src/actions/define.ts';
import { parse } from '../../src/cli/args.ts';
import type { Command } from '../../src/cli/command.ts';
import { findCommand } from '../../src/cli/index.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { aCollector, aRunbookText, both } from '../support/runbooks.ts';
import { aBench, type Bench } from '../support/shell.ts';
import { anSshKey } from '../support/ssh.ts';

const key = 'LTAI5tEXAMPLEbk00002';
const [bo, stranger] = [anSshKey(), anSshKey()];

/** No shipped action is irreversible: a disabled key stands for a deleted one. */
const extra = {
  'second.record': aCollector({ seals: 'full-record' }),
  'second.quiet': aCollector({ slice: async () => Promise.resolve({ outcome: 'quiet' }) }),
  'second.keys': aCollector({
    gives: ['keys'],
    slice: async () => Promise.resolve({ outcome: 'all', facts: { keys: [{ id: key, kind: 'access-key', data: { userName: 'backup-svc' } }] } }),
  }),
  'second.keep': aCollector({ seals: 'key-state' }),
  'second.remove': { ...(actions['ram.disableAccessKeys'] as Action), class: 'R3', needs: ['key-state'], undo: () => ({ irreversible: both('It is gone.') }) } satisfies Action,
};

const runbook = aRunbookText({
  id: 'remove-key',
  steps: [
    { id: 'who', kind: 'collect', use: 'sts.whoAmI', skip: false, on: { all: 'confirm', some: 'confirm', none: 'close' } },
    { id: 'confirm', kind: 'approve', confirm: 'account', verb: 'confirm', skip: false, on: { approved: 'record', declined: 'close' } },
    { id: 'record', kind: 'collect', use: 'second.record', on: { all: 'quiet', some: 'quiet', none: 'close' } },
    { id: 'quiet', kind: 'watch', use: 'second.quiet', on: { quiet: 'keys', active: 'close', unverified: 'close' } },
    { id: 'keys', kind: 'collect', use: 'second.keys', on: { all: 'keep', some: 'keep', none: 'close' } },
    { id: 'keep', kind: 'collect', use: 'second.keep', over: 'keys', on: { all: 'agree', some: 'agree', none: 'close' } },
    { id: 'agree', kind: 'approve', act: 'remove', verb: 'remove', on: { approved: 'remove', declined: 'close' } },
    { id: 'remove', kind: 'act', use: 'second.remove', over: 'keys', on: { all: 'note', some: 'note', none: 'close' } },
    { id: 'note', kind: 'review', fact: 'note', example: 'said', on: { done: 'close' } },
    { id: 'close', kind: 'end', as: 'done' },
  ],
});

let books: string;
beforeAll(async () => {
  Object.assign(actions, extra);
  books = await mkdtemp(join(tmpdir(), 'firebreak-books-'));
  await mkdir(join(books, 'remove-key'));
  await writeFile(join(books, 'remove-key', 'runbook.yaml'), runbook);
});
afterAll(async () => {
  for (const name of Object.keys(extra)) Reflect.deleteProperty(actions, name);
  await rm(books, { recursive: true, force: true });
});

type Said = { readonly status: number; readonly document: Record<string, never> & { readonly pending: Record<string, never> | null } };

/** Runs a command as `by`, with --json. */
async function as(bench: Bench, by: string, line: readonly string[], more: Partial<Shell> = {}): Promise<Said> {
  const [name = '', ...words] = line;
  const command = (await findCommand(name)) as Command;
  const said: string[] = [];
  const status = await command.run(bench.with({ by, json: true, out: (text) => void said.push(text), ...more }), parse(command.usage, words, command.flags, command.words));
  return { status, document: JSON.parse(said.at(-1) ?? 'null') as Said['document'] };
}

/** A case at its irreversible list, on a file that names who may sign. Gives the text that list asks for. */
async function atTheList(bench: Bench): Promise<string> {
  const file = join(bench.folder, 'firebreak.yaml');
  await writeFile(file, `roster:\n  - { name: Bo, also: [bo-laptop], key: '${bo.line} bo@example' }\n`);
  await as(bench, 'ana', ['run', 'remove-key', '--case', 'INC-1'], { config: { file, named: true } });
  const { document } = await as(bench, 'ana', ['answer', 'INC-1', 'confirm', '000042']);
  expect(document.pending).toMatchObject({ step: 'agree', kind: 'approve', first: null, targets: [key] });
  return (document.pending as unknown as { expects: { text: string } }).expects.text;
}

const isActive = (bench: Bench): boolean => !bench.range.effects().some(({ action }) => action === 'UpdateAccessKey');

describe('an irreversible list at the command line', () => {
  it('takes the text of two, typed under two names', async () => {
    const bench = await aBench({ runbooks: books });
    try {
      const text = await atTheList(bench);
      const first = await as(bench, 'ana', ['answer', 'INC-1', 'agree', text]);
      expect(first.document.pending).toMatchObject({ step: 'agree', first: 'ana' });
      expect(String(first.document.pending?.['question'])).toContain('Approved first by ana');
      await expect(as(bench, 'ana', ['answer', 'INC-1', 'agree', text])).rejects.toMatchObject({ code: 'E_GUARD' });
      expect(isActive(bench)).toBe(true);
      const second = await as(bench, 'bo', ['answer', 'INC-1', 'agree', text]);
      expect(second.document.pending).toMatchObject({ step: 'note' });
      expect(isActive(bench)).toBe(false);
    } finally {
      await bench.end();
    }
  });

  it('takes nothing from an answers file, whoever it names', async () => {
    const bench = await aBench({ runbooks: books });
    try {
      const text = await atTheList(bench);
      const file = join(bench.folder, 'answers.yaml');
      await writeFile(file, `agree: { value: ${text}, second: bo }\n`);
      const { status, document } = await as(bench, 'ana', ['resume', 'INC-1', '--answers', file]);
      expect({ status, pending: document.pending }).toMatchObject({ status: 75, pending: { step: 'agree', first: null } });
      await writeFile(file, `agree: { value: ${text}, scond: bo }\n`);
      await expect(as(bench, 'ana', ['resume', 'INC-1', '--answers', file])).rejects.toMatchObject({ code: 'E_ANSWERS' });
      expect(isActive(bench)).toBe(true);
    } finally {
      await bench.end();
    }
  });

  it('takes a signature from another machine, by a key the case was opened with, and it stays checkable', async () => {
    const bench = await aBench({ runbooks: books });
    try {
      const text = await atTheList(bench);
      await as(bench, 'ana', ['answer', 'INC-1', 'agree', text]);
      const { document } = await as(bench, 'ana', ['approval', 'INC-1', 'agree']);
      const request = String(document['request']);
      expect(String(document['sign'])).toBe(`printf %s '${request}' | ssh-keygen -Y sign -n firebreak -f ~/.ssh/id_ed25519`);
      const file = join(bench.folder, 'approval.sig');
      await writeFile(file, stranger.sign(Buffer.from(request)));
      await expect(as(bench, 'ana', ['answer', 'INC-1', 'agree', '--signed', file])).rejects.toMatchObject({ code: 'E_GUARD' });
      expect(isActive(bench)).toBe(true);
      // Today's file names somebody else; the case goes by its own.
      await writeFile(join(bench.folder, 'firebreak.yaml'), `roster:\n  - { name: Eve, key: '${stranger.line}' }\n`);
      await expect(as(bench, 'ana', ['answer', 'INC-1', 'agree', '--signed', file])).rejects.toMatchObject({ code: 'E_GUARD' });
      await writeFile(file, bo.sign(Buffer.from(request)));
      const done = await as(bench, 'ana', ['answer', 'INC-1', 'agree', '--signed', file]);
      expect(done.document.pending).toMatchObject({ step: 'note' });
      expect(isActive(bench)).toBe(false);
      expect((await as(bench, 'ana', ['verify', 'INC-1', '--open'])).status).toBe(0);
      const report: string[] = [];
      await as(bench, 'ana', ['report', 'INC-1'], { json: false, out: (each) => void report.push(JSON.stringify(each)) });
      expect(report.join('')).toContain('Bo, second person (signed with a key of the roster)');
    } finally {
      await bench.end();
    }
  });

  it('takes one person’s text half an hour after a waiver, and lists the debt until it is countersigned', async () => {
    const bench = await aBench({ runbooks: books });
    try {
      const text = await atTheList(bench);
      await as(bench, 'ana', ['answer', 'INC-1', 'agree', text]);
      await expect(as(bench, 'ana', ['answer', 'INC-1', 'agree', '--waive', 'nobody there'])).rejects.toMatchObject({ code: 'E_VALUE' });
      const waived = await as(bench, 'ana', ['answer', 'INC-1', 'agree', '--waive', 'nobody there', '--tried', 'Bo, 03:12', '--tried', 'Chen, 03:14']);
      expect(waived.document.pending).toMatchObject({ step: 'agree', first: 'ana', waivedBy: 'ana' });
      await expect(as(bench, 'ana', ['answer', 'INC-1', 'agree', text])).rejects.toMatchObject({ code: 'E_GUARD' });
      expect(isActive(bench)).toBe(true);
      await bench.range.clock.jumpTo(new Date(String(waived.document.pending?.['dueAt'])), 'half an hour later');
      const done = await as(bench, 'ana', ['answer', 'INC-1', 'agree', text]);
      expect(done.document['debts']).toMatchObject([{ kind: 'countersign', target: 'agree' }]);
      expect(isActive(bench)).toBe(false);
      const paid = await as(bench, 'bo', ['answer', 'INC-1', 'agree', text]);
      expect(paid.document).toMatchObject({ debts: [], pending: { step: 'note' } });
    } finally {
      await bench.end();
    }
  });
});

// The printed policy is enough for every drill, and nothing of it is superfluous.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { actions } from '../../src/actions/index.ts';
import { isRead, policyOf, type Policy } from '../../src/actions/policy.ts';
import type { Entry } from '../../src/casefile/entry.ts';
import { playOn } from '../../src/cli/play.ts';
import { newSession } from '../../src/cli/session.ts';
import { openLightCloud } from '../support/crash-cloud.ts';
import { aShell, runbook } from '../support/crash-shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'firebreak-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const drills = new URL(`../../runbooks/${runbook}/drills/`, import.meta.url);
const least = policyOf(Object.values(actions), 'eradicate');
let nights = 0;

/** The drill with a responder who may do this and nothing else. */
function scenarioWith(file: string, policy: Policy): string {
  const doc = parseDocument(readFileSync(new URL(file, drills), 'utf8'));
  const { responder, users } = (doc.toJS() as { world: { responder: string; users: readonly { name: string }[] } }).world;
  if (!doc.hasIn(['world', 'policies'])) doc.setIn(['world', 'policies'], doc.createNode([]));
  doc.addIn(['world', 'policies'], { name: 'firebreak', created: '-1y', document: policy });
  doc.setIn(['world', 'users', users.findIndex(({ name }) => name === responder), 'policies'], ['firebreak']);
  return doc.toString();
}

async function play(file: string, policy: Policy): Promise<readonly Entry[]> {
  const shell = aShell({ root: join(folder, String((nights += 1))), open: (options) => openLightCloud(options, 'firebreak') });
  const { read } = shell;
  const session = await newSession(
    { ...shell, read: async (path) => (path.endsWith(`drills/${file}`) ? scenarioWith(file, policy) : read(path)) },
    { runbook, scenario: file.replace('.yaml', ''), id: 'POLICY', time: { kind: 'virtual' } },
  );
  try {
    // One command works a job for a minute at most; a loaded machine may need another.
    const { answers = {} } = session.scenario ?? {};
    while ((await playOn(session, { answers, via: 'reference', jump: true })).state === 'running');
    return [...session.store.entries()];
  } finally {
    await session.close();
  }
}

const denied = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap((entry) => (entry.type === 'call.finished' && entry.result === 'denied' ? [`${entry.product}:${entry.action}`] : []));

describe('the least policy', () => {
  it('knows a call that changes nothing by its name', async () => {
    const [file = ''] = readdirSync(drills);
    const calls = (await play(file, least)).flatMap((entry) => (entry.type === 'call.finished' ? [entry] : []));
    expect(calls.length).toBeGreaterThan(500);
    for (const { product, action, effect } of calls) expect(isRead(`${product}:${action}`), action).toBe(effect === 'read');
  }, 60_000);

  it.each(readdirSync(drills))(
    'is enough to play %s to its end: nothing is denied',
    async (file) => {
      const entries = await play(file, least);
      expect(denied(entries)).toEqual([]);
      expect(entries.at(-1)).toMatchObject({ type: 'case.closed', outcome: 'closed' });
    },
    60_000,
  );

  it.each(least.Statement.map((statement) => [statement.Action.join(' '), statement] as const))(
    'holds nothing superfluous: without %s something is denied',
    async (_, missing) => {
      const policy = { ...least, Statement: least.Statement.filter((statement) => statement !== missing) };
      // A denial ends the reference answers soon; the first drill that meets one is enough.
      let refused: readonly string[] = [];
      for (const file of readdirSync(drills)) {
        refused = denied(await play(file, policy)).filter((call) => missing.Action.includes(call.replace(/^ims:/, 'ram:')));
        if (refused.length > 0) break;
      }
      expect(refused).not.toEqual([]);
    },
    120_000,
  );

  it('for reading alone lets nothing be changed', () => {
    const { Statement } = policyOf(Object.values(actions), 'read', { undo: true });
    expect(Statement.flatMap(({ Action }) => Action).filter((call) => !isRead(call))).toEqual([]);
  });

  it('lists what only an undo needs apart', () => {
    const names = (policy: Policy): readonly string[] => policy.Statement.flatMap(({ Action }) => Action);
    expect(names(least)).not.toContain('ecs:StartInstances');
    expect(names(policyOf(Object.values(actions), 'contain', { undo: true }))).toEqual(expect.arrayContaining(['ecs:StartInstances', 'actiontrail:StopLogging']));
  });
});

// A small case in memory: its trail as bytes, its objects as a verifier finds them, the key it was made with.
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { link } from '../../src/casefile/chain.ts';
import type { Tip } from '../../src/casefile/chain.ts';
import type { Draft } from '../../src/casefile/entry.ts';
import { privateKeyOf, signerOf } from '../../src/casefile/signing.ts';
import type { Signer } from '../../src/casefile/signing.ts';
import type { ObjectFound } from '../../src/casefile/verify.ts';

export const caseKey = signerOf(privateKeyOf(Buffer.alloc(32, 7)));
export const otherKey = signerOf(privateKeyOf(Buffer.alloc(32, 9)));

export const runbookText = Buffer.from('id: sample\n');
export const evidence = Buffer.from('{"Users":[]}');
export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

type Opened = Extract<Draft, { type: 'case.opened' }>;

export function opened(change: Partial<Opened> = {}): Opened {
  return {
    type: 'case.opened',
    case: 'INC-7',
    origin: 'case',
    mode: 'live',
    runbook: 'sample',
    runbookSha256: sha256(runbookText),
    endpoint: 'alibaba',
    key: caseKey.key,
    version: '0.0.0',
    by: 'tester',
    lang: 'en',
    credential: 'environment',
    ...change,
  };
}

export const intended = (call: string): Draft => ({
  type: 'call.intended',
  call,
  step: 'cut',
  visit: 1,
  targets: ['LTAI5tEXAMPLE0000000001'],
  sentAt: '2026-01-01T00:00:01.000Z',
  class: 'R1',
  product: 'ram',
  version: '2015-05-01',
  action: 'UpdateAccessKey',
  region: 'cn-hangzhou',
  params: { Status: 'Inactive', UserAccessKeyId: 'LTAI5tEXAMPLE0000000001' },
});

export const finished = (call: string, effect: 'read' | 'write' = 'write'): Draft => ({
  type: 'call.finished',
  call,
  step: 'cut',
  product: 'ram',
  action: 'UpdateAccessKey',
  region: 'cn-hangzhou',
  effect,
  result: 'done',
  how: 'first',
  requestId: '00000000-0000-4000-8000-000000000001',
});

export const sealed = (bytes: Uint8Array): Draft => ({
  type: 'evidence.sealed',
  sha256: sha256(bytes),
  bytes: bytes.length,
  kind: 'ram.users',
  mediaType: 'application/json',
  source: { api: 'ram:ListUsers', region: 'cn-hangzhou' },
  collector: { tool: 'firebreak', version: '0.0.0', by: 'tester' },
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:01.000Z',
  redactions: [],
});

export const answered = (value: string): Draft => ({ type: 'answer.given', step: 'ask', visit: 1, kind: 'ask', value, by: 'tester', via: 'terminal' });
export const closed: Draft = { type: 'case.closed', outcome: 'closed', as: 'contained', by: 'tester' };

/** Something to write: a draft, a draft by another key, or what depends on the bytes before it. */
export type Script = Draft | { readonly draft: Draft; readonly by: Signer } | ((before: Buffer) => Draft);

/** The trail of these entries, one second apart. */
export function aTrail(...scripts: readonly Script[]): Buffer {
  const lines: Buffer[] = [];
  let tip: Tip | undefined;
  for (const [index, script] of scripts.entries()) {
    const { draft, by } = typeof script === 'function' ? { draft: script(Buffer.concat(lines)), by: caseKey } : 'draft' in script ? script : { draft: script, by: caseKey };
    const next = link(tip, draft, new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(), by.sign);
    tip = next.tip;
    lines.push(next.line);
  }
  return Buffer.concat(lines);
}

export const witnessed = (before: Buffer): Draft => ({ type: 'witness.given', why: 'phase', bytes: before.length, sha256: sha256(before) });

/** A whole case with a bit of everything; without its last entry it is an open one. */
export const wholeCase: readonly Script[] = [
  opened(),
  witnessed,
  { type: 'step.started', step: 'ask', visit: 1, kind: 'ask', phase: 'open' },
  answered('名字 "quoted" \\ \u0001 \u{1f525} sig'),
  sealed(evidence),
  finished('read-1', 'read'),
  intended('call-1'),
  finished('call-1'),
  witnessed,
  closed,
];

export const objectsOf = (...contents: readonly Uint8Array[]): Map<string, ObjectFound> =>
  new Map(contents.map((bytes) => [sha256(bytes), { sha256: sha256(bytes), bytes: bytes.length }]));
export const wholeObjects = objectsOf(runbookText, evidence);

export const linesOf = (trail: Buffer): string[] => trail.toString().split('\n').slice(0, -1);

/** Text with everything in it that JSON, UTF-8 or a sort by UTF-16 units may stumble over. */
export const text = fc
  .array(fc.constantFrom('a', 'Z', '1', '"', '\\', '/', '\n', '\u0000', '\u007f', '\u00e9', '\u2028', '\ud800', '\udc00', '\ufb33', '\u{1f525}', 'sig', '__proto__'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

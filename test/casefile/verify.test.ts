import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Draft } from '../../src/casefile/entry.ts';
import { fingerprint } from '../../src/casefile/signing.ts';
import type { ProblemCode } from '../../src/casefile/verdict.ts';
import { verify } from '../../src/casefile/verify.ts';
import type { VerifyOptions } from '../../src/casefile/verify.ts';
import { renderWitness } from '../../src/casefile/witness.ts';
import {
  aTrail,
  answered,
  caseKey,
  closed,
  evidence,
  finished,
  intended,
  linesOf,
  objectsOf,
  opened,
  otherKey,
  runbookText,
  sealed,
  sha256,
  wholeCase,
  wholeObjects,
  witnessed,
} from './kit.ts';
import type { Script } from './kit.ts';

const whole = aTrail(...wholeCase);
const openCase = wholeCase.slice(0, -1);

function codes(trail: Buffer, objects = wholeObjects, options?: VerifyOptions): readonly ProblemCode[] {
  return verify(trail, objects, options).problems.map(({ code }) => code);
}

/** The codes found in a case that holds these entries between its opening and its close. */
function codesOf(...scripts: readonly Script[]): readonly ProblemCode[] {
  return codes(aTrail(opened(), ...scripts, closed));
}

describe('a whole case', () => {
  it('is intact and complete, and says what was looked at', () => {
    expect(verify(whole, wholeObjects)).toEqual({
      exit: 0,
      case: { id: 'INC-7', origin: 'case', mode: 'live', runbook: 'sample', endpoint: 'alibaba' },
      intact: true,
      complete: true,
      witnesses: [],
      keys: [{ fingerprint: fingerprint(caseKey.key), from: 0, endorsed: true, pinned: false }],
      coverage: {
        entries: wholeCase.length,
        bytes: whole.length,
        head: sha256(Buffer.from(linesOf(whole).at(-1) as string)),
        first: '2026-01-01T00:00:00.000Z',
        last: '2026-01-01T00:00:09.000Z',
        state: 'closed',
        objects: 2,
        objectBytes: runbookText.length + evidence.length,
        unsealed: [],
        shown: { bytes: aTrail(...wholeCase.slice(0, 8)).length, sha256: sha256(aTrail(...wholeCase.slice(0, 8))), entry: 7 },
      },
      problems: [],
    });
  });

  it('is accepted by six lines of Python that know nothing of us', (context) => {
    if (spawnSync('python3', ['--version']).status !== 0) context.skip('no python3 on this machine');
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-python-'));
    const check = `import hashlib,json
p='0'*64;n=0
for l in open('trail.jsonl','rb'):
    l=l[:-1]; o=json.loads(l); assert o['prev']==p and o['seq']==n,n; p=hashlib.sha256(l).hexdigest(); n+=1
print(n,'entries, head',p)
`;
    try {
      writeFileSync(join(folder, 'trail.jsonl'), whole);
      const { stdout } = spawnSync('python3', ['-c', check], { cwd: folder, encoding: 'utf8' });
      expect(stdout).toBe(`${wholeCase.length} entries, head ${verify(whole, wholeObjects).coverage.head}\n`);
      writeFileSync(join(folder, 'trail.jsonl'), whole.toString().replace('quoted', 'Quoted'));
      expect(spawnSync('python3', ['-c', check], { cwd: folder }).status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('an open case', () => {
  const trail = aTrail(...openCase);

  it('is incomplete, unless open is allowed', () => {
    expect(codes(trail)).toEqual(['case.open']);
    expect(verify(trail, wholeObjects, { open: true })).toMatchObject({ exit: 0, intact: true, complete: true, coverage: { state: 'open' } });
  });

  it('still must have every object and no open intent when open is allowed', () => {
    expect(codes(trail, objectsOf(runbookText), { open: true })).toEqual(['object.missing']);
    expect(codes(aTrail(opened(), intended('call-9')), wholeObjects, { open: true })).toEqual(['call.open']);
  });

  it('with a torn last line is intact but not complete', () => {
    const torn = Buffer.concat([trail, Buffer.from('{"at":"2026')]);
    expect(verify(torn, wholeObjects, { open: true })).toMatchObject({ exit: 1, intact: true, complete: false, problems: [{ code: 'trail.torn', what: '11' }] });
  });

  it('cut back at any line boundary is caught by a witness line, and only by it', () => {
    const lines = linesOf(trail);
    const witness = renderWitness('INC-7', trail.length, sha256(trail));
    for (let kept = 1; kept < lines.length; kept += 1) {
      const cut = Buffer.from(
        lines
          .slice(0, kept)
          .map((line) => `${line}\n`)
          .join(''),
      );
      expect(codes(cut, wholeObjects, { open: true, witnesses: [witness] })).toContain('witness.broken');
      expect(verify(cut, wholeObjects, { open: true, witnesses: [witness] }).exit).toBe(1);
    }
    expect(verify(aTrail(...openCase.slice(0, 6)), wholeObjects, { open: true }).exit).toBe(0);
  });
});

describe('rules between entries', () => {
  it('want a case opened first, once, and nothing after it was closed', () => {
    expect(codes(aTrail(answered('x'), closed))).toContain('opened.missing');
    expect(codesOf(opened())).toEqual(['opened.twice']);
    expect(codes(aTrail(opened(), closed, answered('x')))).toEqual(['closed.followed']);
    expect(codes(Buffer.concat([whole, Buffer.from('{')]))).toContain('closed.followed');
  });

  it('want an intent before each write and an outcome after each intent', () => {
    expect(codesOf(finished('read-9', 'read'))).toEqual([]);
    expect(codesOf(finished('call-9'))).toEqual(['call.unannounced']);
    expect(codesOf(finished('call-9'), intended('call-9'))).toEqual(['call.unannounced']);
    expect(codesOf(intended('call-9'))).toEqual(['call.open']);
  });

  it('want the time in UTC', () => {
    const off = whole.toString().replace('2026-01-01T00:00:03.000Z', '2026-01-01T00:00:03+08:00');
    expect(codes(Buffer.from(off))).toContain('time.malformed');
  });

  it.each([
    ['a real account, live', { origin: 'case', mode: 'live', endpoint: 'alibaba' }, true],
    ['a real account, rehearsed', { origin: 'case', mode: 'rehearse', endpoint: 'alibaba' }, true],
    ['a drill', { origin: 'exercise', mode: 'drill', endpoint: 'http://127.0.0.1:9' }, true],
    ['a live run on a simulated account', { origin: 'exercise', mode: 'live', endpoint: 'http://127.0.0.1:9' }, true],
    ['a simulated account that claims to be real', { origin: 'case', mode: 'live', endpoint: 'http://127.0.0.1:9' }, false],
    ['a drill that claims to be real', { origin: 'case', mode: 'drill', endpoint: 'alibaba' }, false],
    ['a live run that claims to be an exercise', { origin: 'exercise', mode: 'live', endpoint: 'alibaba' }, false],
    ['an unknown origin', { origin: 'test' as 'case', mode: 'live', endpoint: 'alibaba' }, false],
  ] as const)('judge origin, mode and endpoint together: %s', (_, change, fits) => {
    expect(codes(aTrail(opened(change), closed))).toEqual(fits ? [] : ['opened.origin']);
  });

  const head = '0a'.repeat(32);
  it.each([
    ['another case by its last line', { case: 'INC-6', head }, true],
    ['itself', { case: 'INC-7', head }, false],
    ['no case', { case: '', head }, false],
    ['no line', { case: 'INC-6', head: head.slice(1) }, false],
    ['nothing at all', null as never, false],
    ['a name alone', 'INC-6' as never, false],
  ])('take what a case continues: %s', (_, continues, fits) => {
    expect(codes(aTrail(opened({ continues }), closed))).toEqual(fits ? [] : ['opened.continues']);
  });
});

describe('evidence', () => {
  it('must be there, of the recorded size, unaltered', () => {
    const name = sha256(evidence);
    expect(codes(whole, objectsOf(runbookText))).toEqual(['object.missing']);
    expect(codes(whole, new Map(wholeObjects).set(name, { sha256: sha256(Buffer.from('x')), bytes: evidence.length }))).toEqual(['object.altered']);
    expect(codes(whole, new Map(wholeObjects).set(name, { sha256: sha256(Buffer.from('x')), bytes: 1 }))).toEqual(['object.size', 'object.altered']);
    expect(codesOf({ ...sealed(evidence), bytes: 5 } as Draft)).toEqual(['object.size']);
  });

  it('includes the text of the runbook and of every child case', () => {
    expect(codes(whole, objectsOf(evidence))).toEqual(['object.missing']);
    const child: Draft = { type: 'frame.opened', runbook: 'child', runbookSha256: sha256(Buffer.from('child')), parent: 'sample', step: 'again', inputs: {}, frame: 'again' };
    expect(codesOf(child)).toEqual(['object.missing']);
  });

  it('without an entry is told of but not held against the case: a crash leaves it', () => {
    const stray = Buffer.from('stray');
    expect(verify(whole, new Map([...wholeObjects, ...objectsOf(stray)]))).toMatchObject({ exit: 0, coverage: { objects: 2, unsealed: [sha256(stray)] } });
  });

  it('is all that objects/ may hold', () => {
    expect(verify(whole, new Map(wholeObjects).set('../x', { sha256: sha256(Buffer.from('x')), bytes: 1 }))).toMatchObject({
      exit: 1,
      complete: false,
      problems: [{ code: 'object.foreign', what: '../x' }],
    });
  });
});

describe('witness lines', () => {
  const early = aTrail(...wholeCase.slice(0, 4));

  it('anchor the entries they cover and count those after', () => {
    const verdict = verify(whole, wholeObjects, { witnesses: [renderWitness('INC-7', early.length, sha256(early)), `bytes=5 sha256=${sha256(whole.subarray(0, 5))}`] });
    expect(verdict).toMatchObject({
      exit: 0,
      anchored: { entry: 3, after: wholeCase.length - 4 },
      witnesses: [
        { holds: true, entry: 3 },
        { holds: true, entry: -1 },
      ],
    });
  });

  it('spoil neither intact nor complete when they do not hold, but the exit', () => {
    const verdict = verify(whole, wholeObjects, { witnesses: [renderWitness('INC-7', early.length, sha256(whole))] });
    expect(verdict).toMatchObject({ exit: 1, intact: true, complete: true, problems: [{ code: 'witness.broken' }] });
    expect(verdict.anchored).toBeUndefined();
  });

  it('of another case do not hold', () => {
    expect(codes(whole, wholeObjects, { witnesses: [renderWitness('INC-8', early.length, sha256(early))] })).toEqual(['witness.other-case']);
  });

  it.each(['', 'INC-7', 'bytes=0 sha256=' + '0'.repeat(64), 'bytes=12 sha256=abc', 'INC 7 bytes=12 sha256=' + '0'.repeat(64), 'bytes=-1 sha256=' + '0'.repeat(64)])(
    'that are none are refused: %j',
    (line) => {
      expect(() => verify(whole, wholeObjects, { witnesses: [line] })).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    },
  );

  it('are understood with spaces around and hash in capitals', () => {
    expect(codes(whole, wholeObjects, { witnesses: [`  bytes=${early.length} sha256=${sha256(early).toUpperCase()}\n`] })).toEqual([]);
  });

  it('recorded in the trail must fit the bytes before them', () => {
    expect(codesOf(witnessed)).toEqual([]);
    expect(codesOf({ type: 'witness.given', why: 'phase', bytes: 10, sha256: sha256(Buffer.from('x')) })).toEqual(['witness.recorded']);
    expect(codesOf((before) => ({ type: 'witness.given', why: 'phase', bytes: before.length + 1, sha256: sha256(before) }))).toEqual(['witness.recorded']);
  });
});

describe('keys', () => {
  const own = fingerprint(caseKey.key);
  const other = fingerprint(otherKey.key);
  const added: Draft = { type: 'key.added', key: otherKey.key, by: 'tester' };
  const adopted: Draft = { type: 'key.adopted', key: otherKey.key, reason: 'new machine', by: 'tester' };

  it('hold when the case was signed by the one given', () => {
    expect(verify(whole, wholeObjects, { key: own })).toMatchObject({ exit: 0, keys: [{ fingerprint: own, pinned: true }] });
    expect(codes(whole, wholeObjects, { key: other })).toEqual(['key.unpinned', 'key.not-used']);
  });

  it('catch a whole trail forged with another key', () => {
    const forged = aTrail({ draft: opened({ key: otherKey.key }), by: otherKey }, { draft: closed, by: otherKey });
    expect(verify(forged, wholeObjects).exit).toBe(0);
    expect(verify(forged, wholeObjects, { key: own }).exit).toBe(1);
  });

  it('may be handed over by the one before', () => {
    const trail = aTrail(opened(), added, { draft: answered('x'), by: otherKey }, answered('y'), { draft: closed, by: otherKey });
    expect(verify(trail, wholeObjects, { key: own })).toMatchObject({ exit: 0, keys: [{ endorsed: true }, { fingerprint: other, from: 1, endorsed: true }] });
    expect(verify(trail, wholeObjects).coverage.unendorsedFrom).toBeUndefined();
  });

  it('adopted without the one before are told as unendorsed, and fail a pin that does not include them', () => {
    const trail = aTrail(opened(), { draft: adopted, by: otherKey }, { draft: closed, by: otherKey });
    expect(verify(trail, wholeObjects)).toMatchObject({ exit: 0, intact: true, coverage: { unendorsedFrom: 1 } });
    expect(verify(trail, wholeObjects, { key: own })).toMatchObject({ exit: 1, problems: [{ code: 'key.unpinned', entry: 1 }] });
    expect(verify(trail, wholeObjects, { key: [own, other] }).exit).toBe(0);
  });

  it('can not add themselves, nor sign before they are known', () => {
    expect(codes(aTrail(opened(), { draft: added, by: otherKey }, closed))).toEqual(['signature.wrong']);
    expect(codes(aTrail(opened(), { draft: answered('x'), by: otherKey }, closed))).toEqual(['signature.wrong']);
    expect(codes(aTrail(opened(), { draft: { ...adopted, key: caseKey.key }, by: otherKey }, closed))).toEqual(['signature.wrong']);
  });

  it('must be Ed25519 keys', () => {
    expect(codes(aTrail(opened({ key: 'AAAA' }), closed))).toContain('key.unreadable');
  });
});

describe('what was not written by us', () => {
  it('is named and never crashes: entries of any shape', () => {
    const lines = linesOf(whole);
    for (const line of [
      '',
      '{}',
      'null',
      '[1]',
      '{"seq":0}',
      '{"at":1,"prev":2,"seq":1,"sig":3,"type":4}',
      '"\ud800"',
      '{"at":"","call":{},"prev":"","seq":3,"sig":"","type":"call.intended","x":"\\ud800"}',
    ]) {
      for (const at of [0, 3, lines.length - 1]) expect(verify(Buffer.from(`${lines.with(at, line).join('\n')}\n`), wholeObjects)).toMatchObject({ exit: 1, intact: false });
    }
    expect(codes(Buffer.alloc(0))).toEqual(['trail.empty', 'case.open']);
  });

  it('does not pass for being equal in meaning: another spelling of a line is a change', () => {
    const lines = linesOf(whole);
    const last = lines.at(-1) as string;
    for (const respelt of [
      last.replace('{', '{ '),
      last.replace('"by":"tester"', '"by":"\\u0074ester"'),
      `{"type":"case.closed",${last.slice(1).replace(',"type":"case.closed"', '')}`,
      last.replace('"outcome"', '"outcome":"closed","outcome"'),
    ]) {
      expect(JSON.parse(respelt)).toEqual(JSON.parse(last));
      expect(codes(Buffer.from(`${lines.with(lines.length - 1, respelt).join('\n')}\n`))).toEqual(['line.not-canonical']);
    }
  });

  it('is not taken for the signature when a field has its name', () => {
    expect(codesOf({ type: 'step.finished', step: 's', visit: 1, outcome: 'o', facts: { a: 1, sig: 'b' } })).toEqual([]);
  });
});

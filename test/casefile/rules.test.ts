import { expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { checkRules } from '../../src/casefile/rules.ts';
import { anSshKey } from '../support/ssh.ts';

const list = 'a'.repeat(64);
const request = `firebreak-approval-1 case=INC-1 step=agree text="delete 2 7f3a" targets=2 sha256=${list} expires=2026-03-14T19:30:00.000Z`;
const [bo, other] = [anSshKey(), anSshKey()];
const signed = {
  type: 'approval.seconded',
  step: 'agree',
  visit: 1,
  sha256: list,
  how: 'signed',
  second: 'Bo',
  by: 'ana',
  key: bo.line,
  request,
  signature: bo.sign(Buffer.from(request)),
  seq: 0,
  prev: '',
  at: '2026-03-14T19:10:00.000Z',
  sig: '',
} satisfies Entry;

const codes = (entry: Entry): readonly string[] => checkRules([entry], true).map(({ code }) => code);

it('checks a signed approval again, without the roster and without us', () => {
  expect(codes(signed)).not.toContain('approval.unsigned');
  const forged: readonly Entry[] = [
    { ...signed, key: other.line },
    { ...signed, sha256: 'b'.repeat(64) },
    { ...signed, request: request.replace('targets=2', 'targets=3') },
    { ...signed, signature: other.sign(Buffer.from(request)) },
    { ...signed, signature: 'approved' },
    { ...signed, signature: undefined } as unknown as Entry,
  ];
  for (const entry of forged) expect(codes(entry)).toContain('approval.unsigned');
});

// One principal's events out of log text: the same whatever the chunks, the shape of the log, or how its letters are written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scannerFor } from '../../src/actions/scan.ts';
import type { JsonObject } from '../../src/text.ts';

const key = 'LTAI5tEXAMPLEci00001';
const event = (id: string, identity: JsonObject, more: JsonObject = {}): JsonObject => ({
  eventId: id,
  eventName: 'DescribeInstances',
  eventTime: '2026-03-14T18:00:00Z',
  serviceName: 'Ecs',
  userIdentity: identity,
  ...more,
});
const theirs = (id: string): JsonObject => event(id, { accessKeyId: key, userName: 'ci-deploy', type: 'ram-user' });
const others = (id: string): JsonObject => event(id, { accessKeyId: 'LTAI5tEXAMPLEbk00002', userName: 'backup-svc' }, { requestParameters: { UserAccessKeyId: key } });

function found(text: string | Uint8Array, by = key, sizes: readonly number[] = []): { ids: readonly string[]; unread: number } {
  const bytes = Buffer.from(text as string);
  const scanner = scannerFor(by);
  const ids: string[] = [];
  // One buffer, used again for each chunk, as the disk adapter does.
  const chunk = Buffer.alloc(Math.max(1, bytes.length));
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[turn % sizes.length] ?? 1);
    const part = bytes.subarray(at, at + size);
    part.copy(chunk);
    ids.push(...scanner.push(chunk.subarray(0, part.length)).map(({ id }) => id));
    chunk.fill(0x58);
    at += part.length;
  }
  ids.push(...scanner.end().map(({ id }) => id));
  return { ids, unread: scanner.unread() };
}

describe('scanning a log for a principal', () => {
  const lines = [theirs('1'), others('2'), theirs('3')].map((one) => JSON.stringify(one)).join('\n');

  it.each([
    ['one event a line', lines, ['1', '3']],
    ['a page of the event history', JSON.stringify({ RequestId: 'R', Events: [theirs('1'), others('2'), theirs('3')] }), ['1', '3']],
    ['a delivered array', JSON.stringify([others('2'), theirs('3')]), ['3']],
    ['wrapped lines, as objects and as text', `${JSON.stringify({ event: theirs('1') })}\n${JSON.stringify({ event: JSON.stringify(theirs('2')) })}\n`, ['1', '2']],
    ['blank lines, carriage returns and no end', `\n\r\n${lines.replaceAll('\n', '\r\n')}`, ['1', '3']],
    ['letters written as escapes', lines.replaceAll(key, String.raw`\u004cTAI5tEXAMPLEci0000\u0031`), ['1', '3']],
    ['nothing', '', []],
    ['a log of others', JSON.stringify(others('1')), []],
    ['what is no event', `${JSON.stringify({ accessKeyId: key })}\n[1,"${key}",null]\n"${key}"\n`, []],
  ])('reads %s', (_, text, ids) => {
    expect(found(text)).toEqual({ ids, unread: 0 });
  });

  it('finds a user, a role session and a name in Chinese, however it is written', () => {
    const session = { type: 'assumed-role', userName: 'ops:laptop', sessionContext: { attributes: { principalId: '33:laptop' } } };
    const text = [event('1', session), event('2', { userName: '张三' })].map((one) => JSON.stringify(one)).join('\n');
    expect(found(text, 'ops:laptop').ids).toEqual(['1']);
    expect(found(text, '33:laptop').ids).toEqual(['1']);
    expect(found(text, '张三').ids).toEqual(['2']);
    expect(found(text.replace('张三', String.raw`\u5f20\u4e09`), '张三').ids).toEqual(['2']);
    expect(found(text, 'ops').ids).toEqual([]);
  });

  it('counts what names the principal and can not be read as a line', () => {
    expect(found(JSON.stringify({ Events: [theirs('1')] }, null, 2)).unread).toBeGreaterThan(0);
    expect(found(`${JSON.stringify(theirs('1')).slice(0, -1)}\n${JSON.stringify(theirs('2'))}`)).toEqual({ ids: ['2'], unread: 1 });
  });

  it('gives the same in chunks of any size', () => {
    const log = fc.array(fc.tuple(fc.constantFrom('theirs', 'others', 'blank'), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(log, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }), (kinds, sizes) => {
        const text = kinds
          .map(([kind, coded], at) => {
            const line = kind === 'blank' ? '' : JSON.stringify(kind === 'theirs' ? theirs(`${at}`) : others(`${at}`));
            return coded ? line.replaceAll('E', String.raw`\u0045`) : line;
          })
          .join('\n');
        const ids = kinds.flatMap(([kind], at) => (kind === 'theirs' ? [`${at}`] : []));
        expect(found(text, key, sizes)).toEqual({ ids, unread: 0 });
      }),
    );
  });
});

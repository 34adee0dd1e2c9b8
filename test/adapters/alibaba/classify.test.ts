import { describe, expect, it } from 'vitest';
import type { Call, Refusal } from '../../../src/actions/define.ts';
import { classify, type Answer } from '../../../src/adapters/alibaba/classify.ts';
import { aCredential, aWrite, disableKey, listUsers } from './support.ts';

const now = new Date('2026-03-01T12:00:00Z');
const secrets = [{ name: 'AccessKeySecret', value: aCredential.accessKeySecret }];

function judge(call: Call, answer: Answer): ReturnType<typeof classify> {
  return classify(call, answer, secrets, now);
}

function anErrorAnswer(code: string, more: { readonly status?: number; readonly message?: string; readonly date?: string; readonly retryAfterMs?: number } = {}): Answer {
  const { status = 400, message = 'No.' } = more;
  return { kind: 'error', code, text: JSON.stringify({ Code: code, Message: message }), requestId: 'REQ-9', ...more, status, message };
}

/** What a refusal is, for a write and for a read. */
function both(answer: Answer): readonly [string, string] {
  const of = (call: Call): string => {
    const { reply } = judge(call, answer);
    return reply.ok ? 'ok' : reply.refusal;
  };
  return [of(disableKey), of(listUsers)];
}

describe('the meaning of an error code', () => {
  const same: readonly (readonly [string, number, Refusal])[] = [
    ['NoPermission', 403, 'denied'],
    ['Forbidden.RAM', 403, 'denied'],
    ['Forbidden', 403, 'denied'],
    ['Forbidden.SubUser', 403, 'denied'],
    ['InvalidAction.Unauthorized', 403, 'denied'],
    ['NotAuthorized', 403, 'denied'],
    ['InvalidAccessKeyId.NotFound', 404, 'denied'],
    ['InvalidAccessKeyId.Inactive', 400, 'denied'],
    ['SignatureDoesNotMatch', 400, 'denied'],
    ['InvalidSecurityToken.Expired', 400, 'denied'],
    ['InvalidSecurityToken.Malformed', 400, 'denied'],
    ['InvalidTimeStamp.Expired', 400, 'denied'],
    ['InstanceLockedForSecurity', 403, 'locked'],
    ['Throttling', 400, 'throttled'],
    ['Throttling.User', 429, 'throttled'],
    ['Rejected.Throttling', 503, 'throttled'],
    ['SomethingElse', 429, 'throttled'],
    ['EntityNotExist.User', 404, 'gone'],
    ['EntityNotExist.User.AccessKey', 404, 'gone'],
    ['InvalidInstanceId.NotFound', 404, 'gone'],
    ['InvalidSecurityGroupRuleId.NotFound', 404, 'gone'],
    ['InvalidSnapshot.NotFound', 400, 'gone'],
    ['TrailNotFoundException', 404, 'gone'],
    ['InvalidAction.NotFound', 404, 'invalid'],
    ['InvalidRegionId.NotFound', 404, 'invalid'],
    ['InvalidStatus.NotFound', 404, 'invalid'],
    ['InvalidFilterKey.NotFound', 404, 'invalid'],
    ['IncorrectInstanceStatus', 403, 'invalid'],
    ['Forbidden.InstanceIsBeingCreated', 403, 'invalid'],
    ['DRYRUN.SUCCESS', 400, 'invalid'],
    ['MissingParameter', 400, 'invalid'],
  ];
  it.each(same)('%s (HTTP %i) is %s', (code, status, refusal) => {
    expect(both(anErrorAnswer(code, { status }))).toEqual([refusal, refusal]);
  });

  const faults: readonly (readonly [string, number])[] = [
    ['ServiceUnavailable', 503],
    ['InternalError', 500],
    ['InternalError', 400],
    ['NeverHeardOf', 502],
    ['HTTP504', 504],
    ['IdempotentProcessing', 403],
  ];
  it.each(faults)('%s (HTTP %i) leaves a write unknown and a read unavailable', (code, status) => {
    expect(both(anErrorAnswer(code, { status }))).toEqual(['unknown', 'unavailable']);
  });

  it('tells a key that Alibaba flagged as leaked from a missing permission', () => {
    const { reply } = judge(disableKey, anErrorAnswer('Forbidden', { status: 403, message: 'There is a risk of leakage of this AccessKey.' }));
    expect(reply).toMatchObject({ ok: false, refusal: 'protected', message: expect.stringContaining('resume --profile') });
  });
});

describe('what a tired person reads', () => {
  it('says how far the clock is off, and in which direction', () => {
    const date = 'Sun, 01 Mar 2026 11:40:00 GMT';
    expect(judge(listUsers, anErrorAnswer('InvalidTimeStamp.Expired', { date })).reply).toMatchObject({ message: expect.stringContaining("1200 s ahead of the server's") });
    const ahead = 'Sun, 01 Mar 2026 12:16:40 GMT';
    expect(judge(listUsers, anErrorAnswer('InvalidTimeStamp.Expired', { date: ahead })).reply).toMatchObject({ message: expect.stringContaining("1000 s behind the server's") });
  });

  it('names the call, says it plainly, then quotes the service', () => {
    const { reply } = judge(disableKey, anErrorAnswer('NoPermission', { status: 403, message: 'You are not authorized.' }));
    expect(reply).toMatchObject({
      message: 'ram:UpdateAccessKey in cn-hangzhou: The identity in use has no permission for this call. The service said: You are not authorized.',
      code: 'NoPermission',
      status: 403,
      requestId: 'REQ-9',
    });
  });

  it('says of an unknown outcome that the account must be read', () => {
    expect(judge(disableKey, anErrorAnswer('InternalError', { status: 500 })).reply).toMatchObject({ message: expect.stringContaining('must be read from the account') });
  });
});

describe('an answer that is none', () => {
  const timeout: Answer = { kind: 'broken', sent: true, code: 'RequestTimeoutError', message: 'No answer within 20 s.' };
  it('leaves a write unknown, never to be sent again', () => {
    expect(judge(disableKey, timeout)).toMatchObject({ reply: { refusal: 'unknown' } });
    expect(judge(disableKey, timeout).again).toBeUndefined();
  });
  it('lets a read be sent again', () => {
    expect(judge(listUsers, timeout)).toMatchObject({ reply: { refusal: 'unavailable' }, again: 'transport' });
  });
  it('lets both be sent again when nothing had been sent', () => {
    const answer: Answer = { kind: 'broken', sent: false, code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };
    for (const call of [disableKey, listUsers]) expect(judge(call, answer)).toMatchObject({ reply: { refusal: 'unreachable' }, again: 'transport' });
  });
  it.each(['', '<html>Bad Gateway</html>', '[]', '"text"', '{"RequestId":'])('holds a body like %j for no answer', (text) => {
    expect(both({ kind: 'body', status: 200, text })).toEqual(['unknown', 'unavailable']);
  });
  it('does not take a redirect for success', () => {
    expect(both({ kind: 'body', status: 302, text: '{}' })).toEqual(['unknown', 'unavailable']);
  });
});

describe('throttling', () => {
  it('may be sent again, reads and writes, after the time the service asked for', () => {
    for (const call of [disableKey, listUsers])
      expect(judge(call, anErrorAnswer('Throttling.User', { retryAfterMs: 700 }))).toMatchObject({ again: 'throttled', retryAfterMs: 700 });
  });
});

describe('a failure inside HTTP 200', () => {
  it.each([false, 'false'])('is a refusal when Success is %j', (Success) => {
    const text = JSON.stringify({ RequestId: 'R', Success, Code: 'NotAuthorized', Message: 'This API is not authorized for caller.' });
    expect(judge(listUsers, { kind: 'body', status: 200, text }).reply).toMatchObject({ ok: false, refusal: 'denied', code: 'NotAuthorized', requestId: 'R', text });
  });
  it('of the service itself leaves a write unknown', () => {
    expect(both({ kind: 'body', status: 200, text: '{"Success":false,"Code":"InternalError"}' })).toEqual(['unknown', 'unavailable']);
  });
});

describe('a success', () => {
  it('keeps the text as it came, long numbers as strings, and the server date', () => {
    const text = '{ "RequestId": "R-1",  "UserId": 123456789012345678, "Count": 7 }';
    expect(judge(listUsers, { kind: 'body', status: 200, text, date: 'Sun, 01 Mar 2026 12:00:00 GMT' }).reply).toEqual({
      ok: true,
      status: 200,
      text,
      body: { RequestId: 'R-1', UserId: '123456789012345678', Count: 7 },
      requestId: 'R-1',
      redactions: [],
      serverDate: '2026-03-01T12:00:00.000Z',
    });
  });
  it('falls back to the request id of the header, and to no date', () => {
    const { reply } = judge(listUsers, { kind: 'body', status: 200, text: '{}', requestId: 'H-1', date: 'yesterday' });
    expect(reply).toMatchObject({ ok: true, requestId: 'H-1' });
    expect(reply).not.toHaveProperty('serverDate');
  });
});

describe('secrets', () => {
  const { accessKeySecret } = aCredential;
  it('are replaced in what the service said and in its body', () => {
    const { reply } = judge(listUsers, anErrorAnswer('SignatureDoesNotMatch', { message: `signed with ${accessKeySecret}` }));
    expect(JSON.stringify(reply)).not.toContain('EXAMPLEsecret');
    expect(reply).toMatchObject({ message: expect.stringContaining('[our AccessKeySecret]') });
  });
  it('given as parameters do not come back either', () => {
    const reset = aWrite('ram', 'UpdateLoginProfile', { UserName: 'example', Password: 'EXAMPLE-new-password' });
    const { reply } = judge(reset, anErrorAnswer('InvalidPassword', { message: 'EXAMPLE-new-password is too weak' }));
    expect(JSON.stringify(reply)).not.toContain('EXAMPLE-new-password');
  });
});

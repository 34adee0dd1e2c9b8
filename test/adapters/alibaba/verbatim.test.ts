import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { read, redact } from '../../../src/adapters/alibaba/verbatim.ts';

const secret = { name: 'AccessKeySecret', value: 'EXAMPLEsecret/of+the"responder' };

describe('reading a response', () => {
  it('gives the text byte for byte when it holds no secret', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t'), (json, space) => {
        const text = `${space}${json}${space}`;
        expect(read(text, [secret])).toMatchObject({ text, redactions: [] });
      }),
    );
  });

  it('keeps the digits of integers beyond 2^53 and only of those', () => {
    const { body } = read('{"a":123456789012345678,"b":[-9007199254740993],"c":9007199254740991,"d":1234567890123456.5,"e":1e30,"f":"12345678901234567890"}', []);
    expect(body).toEqual({ a: '123456789012345678', b: ['-9007199254740993'], c: 9_007_199_254_740_991, d: 1_234_567_890_123_456.5, e: 1e30, f: '12345678901234567890' });
  });

  it('replaces the value of a minted secret and nothing beside it', () => {
    const text = '{"AccessKey":{"AccessKeyId":"LTAI5tEXAMPLE", "AccessKeySecret" : "a\\"b:c", "Status":"Active"},"Password":{"Length":8},"PasswordPolicy":"kept"}';
    expect(read(text, [])).toEqual({
      text: '{"AccessKey":{"AccessKeyId":"LTAI5tEXAMPLE", "AccessKeySecret" : "[replaced AccessKeySecret]", "Status":"Active"},"Password":{"Length":8},"PasswordPolicy":"kept"}',
      body: { AccessKey: { AccessKeyId: 'LTAI5tEXAMPLE', AccessKeySecret: '[replaced AccessKeySecret]', Status: 'Active' }, Password: { Length: 8 }, PasswordPolicy: 'kept' },
      redactions: ['AccessKeySecret'],
    });
  });

  it('is not led astray by the name of a secret inside a string', () => {
    const text = '{"Document":"{\\"Password\\": \\"quoted\\"}","Tag":["Password","kept"],"Password":7,"Name":"kept"}';
    expect(read(text, [])).toMatchObject({ text, redactions: [] });
  });

  it('leaves no trace of our own secret in any JSON, which stays JSON of the same shape', () => {
    const hidden = fc.constantFrom(secret.value, `x${secret.value}y`, JSON.stringify({ deep: secret.value }), encodeURIComponent(secret.value));
    const value = fc.oneof(hidden, fc.integer(), fc.string());
    const json = fc.dictionary(fc.constantFrom('a', 'Password', 'x:y', '"'), fc.oneof(value, fc.array(value), fc.dictionary(fc.string(), value)));
    fc.assert(
      fc.property(json, (given) => {
        const { text, body } = read(JSON.stringify(given), [secret]);
        expect(text).not.toContain('EXAMPLEsecret');
        expect(JSON.parse(text)).toEqual(body);
        expect(Object.keys(body as object)).toEqual(Object.keys(JSON.parse(JSON.stringify(given)) as object));
      }),
    );
  });

  it('replaces our own secret in what is not JSON too', () => {
    expect(read(`<html>${secret.value}</html>`, [secret])).toEqual({ text: '<html>[our AccessKeySecret]</html>', body: undefined, redactions: ['our AccessKeySecret'] });
  });

  it('does not cut holes into text for a secret too short to be one', () => {
    expect(redact('a fair day', [{ name: 'AccessKeySecret', value: 'a' }])).toBe('a fair day');
  });
});

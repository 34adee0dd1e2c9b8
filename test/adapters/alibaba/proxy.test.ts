import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/adapters/alibaba/proxy.ts';

describe('the proxy of the environment', () => {
  it('is none when none is named', () => {
    expect(proxyFor({})).toBeUndefined();
    expect(proxyFor({ HTTPS_PROXY: '', HTTP_PROXY: 'http://proxy.example:3128' })).toBeUndefined();
  });
  it('is taken in either case, with what it is not for, and its password as a secret', () => {
    expect(proxyFor({ https_proxy: 'http://me:p%40ss@proxy.example:3128', NO_PROXY: '.internal.example' }, '24.5.0')).toEqual({
      env: { HTTPS_PROXY: 'http://me:p%40ss@proxy.example:3128', NO_PROXY: '.internal.example' },
      password: 'p@ss',
    });
  });
  it('is refused by a Node that would silently go direct', () => {
    expect(() => proxyFor({ HTTPS_PROXY: 'http://proxy.example' }, '24.4.1')).toThrow(expect.objectContaining({ code: 'E_NODE', hint: expect.stringContaining('24.5') }));
    expect(proxyFor({ HTTPS_PROXY: 'http://proxy.example' }, '25.0.0')).toBeDefined();
  });
  it.each(['proxy.example:3128', 'socks5://proxy.example', 'http//x'])('is refused when it is %s', (HTTPS_PROXY) => {
    expect(() => proxyFor({ HTTPS_PROXY })).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});

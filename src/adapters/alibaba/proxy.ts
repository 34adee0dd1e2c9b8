// Which proxy the environment names for Alibaba Cloud. Pure; loopback never has one.
import { Fault } from '../../errors.ts';
import type { ProxyEnv } from './transport.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Node's agents read proxy settings from this version on. */
const proxiesSince = [24, 5] as const;

function set(env: Env, name: string): string | undefined {
  return env[name.toLowerCase()] || env[name] || undefined;
}

/**
 * The proxy settings to hand to Node's agent, with the password in them, which counts as a secret. Undefined: go direct.
 * NO_PROXY is left to Node, which matches it host by host. All calls are https, so HTTP_PROXY plays no part.
 *
 * @throws Fault E_NODE when a proxy is set and this Node would silently go direct; E_USAGE when it is not an http(s) URL.
 */
export function proxyFor(env: Env, node: string = process.versions.node): { readonly env: ProxyEnv; readonly password?: string } | undefined {
  const url = set(env, 'HTTPS_PROXY');
  if (url === undefined) return undefined;
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new Fault('E_USAGE', 'HTTPS_PROXY is not an http:// or https:// URL.', { hint: 'Correct it, or unset it to go direct.' });
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major < proxiesSince[0] || (major === proxiesSince[0] && minor < proxiesSince[1])) {
    throw new Fault('E_NODE', `HTTPS_PROXY is set, but Node ${node} can not use it.`, { hint: 'Install Node 24.5 or newer, or unset it to go direct.' });
  }
  const noProxy = set(env, 'NO_PROXY');
  const password = parsed.password === '' ? undefined : decodeURIComponent(parsed.password);
  return { env: { HTTPS_PROXY: url, ...(noProxy === undefined ? {} : { NO_PROXY: noProxy }) }, ...(password === undefined ? {} : { password }) };
}

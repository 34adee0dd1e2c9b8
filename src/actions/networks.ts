// Addresses and networks as people and clouds write them: is this one in that one? Pure.

/** `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. Undefined when it is none. */
export function networkOf(text: string): { readonly bits: 32 | 128; readonly base: bigint; readonly length: number } | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bits = address.includes(':') ? 128 : 32;
  const base = bits === 32 ? ipv4(address) : ipv6(address);
  const size = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  return base === undefined || rest.length > 0 || size < 0 || size > bits ? undefined : { bits, base, length: size };
}

/** Is it an address or a network without host bits? With some, a typing error would widen or miss what was meant. */
export function isNetwork(text: string): boolean {
  const network = networkOf(text);
  return network !== undefined && network.base % 2n ** BigInt(network.bits - network.length) === 0n;
}

/** An address nobody can read is in no network. */
export function isIn(address: string, networks: readonly string[]): boolean {
  const found = networkOf(address);
  return networks.some((text) => {
    const network = networkOf(text);
    if (found === undefined || network === undefined || network.bits !== found.bits) return false;
    const shift = BigInt(network.bits - network.length);
    return found.base >> shift === network.base >> shift;
  });
}

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function ipv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)];
  const missing = 8 - before.length - after.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) : undefined;
}

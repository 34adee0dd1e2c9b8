// Networks in CIDR notation. Pure.

/** `198.51.100.0/24`, `2001:db8::/32`, or a single address. No host bits may be set: a typing error there would widen or miss the network. */
export function isNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const bits = bitsOf(address);
  if (bits === undefined || more.length > 0) return false;
  if (length === undefined) return true;
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits.length) return false;
  return !bits.slice(Number(length)).includes('1');
}

/** An address as a string of 32 or 128 digits, 0 and 1. */
function bitsOf(address: string): string | undefined {
  if (address.includes(':')) return bitsOf6(address);
  const parts = address.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return undefined;
  return parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('');
}

function bitsOf6(address: string): string | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}

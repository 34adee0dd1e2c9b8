// Response text as evidence: kept as received but for secrets of ours, parsed without losing digits. Pure.

/** A value that must never leave the adapter, and how a redaction names it. */
export type Secret = { readonly name: string; readonly value: string };

/** Fields that carry secrets minted by our own calls; compared whole, without case. */
const secretFields: ReadonlySet<string> = new Set(
  ['AccessKeySecret', 'SecurityToken', 'Password', 'VncPassword', 'AppSecretValue', 'PrivateKeyBody', 'Base32StringSeed', 'QRCodePNG'].map((name) => name.toLowerCase()),
);
const mayHoldSecret = new RegExp(`"(?:${[...secretFields].join('|')})"\\s*:`, 'i');

/** Shorter values are not replaced: they would cut holes into ordinary words. Real secrets have 30 characters and more. */
const shortestSecret = 8;

/** A whole JSON string, and the colon that makes it a key. */
const stringToken = /"((?:[^"\\]|\\.)*)"(\s*:)?/gs;

/** Finds a value as it is, percent-encoded, or escaped in JSON, which may itself be a string inside JSON. */
function patternOf({ value }: Secret): RegExp | undefined {
  if (value.length < shortestSecret) return undefined;
  const literal = (text: string): string => Array.from(text, (char) => `${/["\\/]/.test(char) ? '\\\\*' : ''}\\u{${char.codePointAt(0)?.toString(16)}}`).join('');
  return new RegExp(`${literal(value)}|${literal(encodeURIComponent(value))}`, 'gu');
}

/** The parameters of a call that are secrets themselves: a new password must not come back in an error text. */
export function secretParameters(params: Readonly<Record<string, string>>): readonly Secret[] {
  return Object.entries(params).flatMap(([name, value]) => (secretFields.has(name.toLowerCase()) ? [{ name, value }] : []));
}

/** Replaces our own secrets in text of any kind. */
export function redact(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((done, secret) => {
    const pattern = patternOf(secret);
    return pattern ? done.replaceAll(pattern, `[our ${secret.name}]`) : done;
  }, text);
}

/**
 * Reads a response body: its text with secrets replaced, what that parses to (undefined if it is not JSON), and what was replaced.
 *
 * Replaced are our own secrets wherever they occur, and minted ones in the fields that carry them. Only inside strings, so JSON stays
 * JSON; every other byte is as received. Integers beyond 2^53 parse to strings of their digits.
 */
export function read(received: string, secrets: readonly Secret[]): { readonly text: string; readonly body: unknown; readonly redactions: readonly string[] } {
  const body = parse(received);
  const ours = secrets.filter((secret) => patternOf(secret)?.test(received));
  const names = new Set(ours.map(({ name }) => `our ${name}`));
  if (body === undefined) return { text: redact(received, ours), body, redactions: [...names] };
  if (ours.length === 0 && !mayHoldSecret.test(received)) return { text: received, body, redactions: [] };
  let key = { name: '', endsAt: -1 };
  const text = received.replaceAll(stringToken, (token: string, content: string, colon: string | undefined, at: number) => {
    if (colon !== undefined) key = { name: content, endsAt: at + token.length };
    else if (content !== '' && secretFields.has(key.name.toLowerCase()) && received.slice(key.endsAt, at).trim() === '') {
      names.add(key.name);
      return `"[replaced ${key.name}]"`;
    }
    return redact(token, ours);
  });
  return { text, body: parse(text), redactions: [...names] };
}

/** ES2025 hands the reviver a number's own digits; TypeScript's library does not know it yet. */
type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, revive: Revive) => unknown;

function parse(text: string): unknown {
  try {
    // Reviving is slow; no number is too long without this many digits in a row.
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return parseWith(text, (_key, value, { source = '' }) => (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value));
  } catch {
    return undefined;
  }
}

// Response text as evidence: kept as received but for our own secrets, parsed without losing digits. Pure.

/** A value that must never leave the adapter, and how a redaction names it. */
export type Secret = { readonly name: string; readonly value: string };

/** Fields whose values are secrets minted by our own calls. Compared without case, exactly. */
const secretFields: ReadonlySet<string> = new Set(
  ['AccessKeySecret', 'SecurityToken', 'Password', 'VncPassword', 'AppSecretValue', 'PrivateKeyBody', 'Base32StringSeed', 'QRCodePNG'].map((name) => name.toLowerCase()),
);

/** Shorter values are not replaced: they would cut holes into ordinary words. Real secrets have 30 characters and more. */
const shortestSecret = 8;

const stringToken = /"((?:[^"\\]|\\.)*)"(\s*:)?/gs;

/** How a value can appear inside text: as it is, escaped in JSON, percent-encoded. */
function forms(value: string): readonly string[] {
  const escaped = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, escaped, escaped.replaceAll('/', '\\/'), encodeURIComponent(value)])];
}

/** Replaces our own secrets in text of any kind. */
export function redactPlain(text: string, secrets: readonly Secret[]): string {
  return secrets
    .filter((secret) => secret.value.length >= shortestSecret)
    .reduce((done, secret) => forms(secret.value).reduce((left, form) => left.replaceAll(form, `[our ${secret.name}]`), done), text);
}

/**
 * Replaces secrets in a response body: our own wherever they occur, and the values of fields that carry minted ones.
 * Only string values change, so JSON stays JSON; everything else is as received.
 */
export function redact(text: string, secrets: readonly Secret[]): { readonly text: string; readonly redactions: readonly string[] } {
  const names = new Set<string>();
  for (const secret of secrets) if (secret.value.length >= shortestSecret && forms(secret.value).some((form) => text.includes(form))) names.add(`our ${secret.name}`);
  let key = '';
  let keyEnd = -1;
  const replaced = text.replaceAll(stringToken, (token: string, content: string, colon: string | undefined, at: number) => {
    if (colon !== undefined) {
      key = content;
      keyEnd = at + token.length;
      return names.size === 0 ? token : redactPlain(token, secrets);
    }
    if (content !== '' && secretFields.has(key.toLowerCase()) && keyEnd >= 0 && text.slice(keyEnd, at).trim() === '') {
      names.add(key);
      return `"[replaced ${key}]"`;
    }
    return names.size === 0 ? token : redactPlain(token, secrets);
  });
  // What is not JSON has no string tokens to hold a secret.
  return { text: parse(replaced) === undefined ? redactPlain(replaced, secrets) : replaced, redactions: [...names] };
}

/** ES2025 hands the reviver a number's own digits; TypeScript's library does not know it yet. */
type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, revive: Revive) => unknown;

/** Parses JSON; integers beyond 2^53 become strings of their digits. Undefined for what is not JSON. */
export function parse(text: string): unknown {
  try {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return parseWith(text, (_key, value, { source = '' }) =>
      typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value,
    );
  } catch {
    return undefined;
  }
}

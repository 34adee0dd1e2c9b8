// What a typed value must look like, by its format, and what it leaves behind as a fact. Pure.
import { isNetwork, networkOf } from '../actions/networks.ts';
import type { Problem } from '../errors.ts';
import type { Format } from '../runbook/schema.ts';
import type { Json } from '../text.ts';

const examples: Record<Format, string> = {
  line: 'one line',
  text: 'a sentence or two',
  'access-key-id': 'LTAI5tEXAMPLEKEY0001',
  'account-id': '1000000000000042',
  'user-name': 'backup-svc',
  region: 'cn-hangzhou',
  'instance-id': 'i-bp1example0000000001',
  time: '2026-03-14T19:02:00Z',
  list: 'one, two',
  networks: '192.0.2.10, 198.51.100.0/24',
  days: '90',
};

/** A value of the format, to be shown. */
export function exampleOf(format: Format): string {
  return examples[format];
}

/** A /8 is what a whole company may have; anything wider is a slip of the finger. */
const leastPrefix = 8;

const patterns: Record<Format, RegExp> = {
  line: /^[^\n\r]{1,500}$/u,
  text: /^[\s\S]{1,20000}$/u,
  'access-key-id': /^(LTAI|STS\.|TMP\.)?[A-Za-z0-9._-]{8,128}$/,
  'account-id': /^\d{16}$/,
  'user-name': /^[A-Za-z0-9._-]{1,64}$/,
  region: /^[a-z]{2,3}-[a-z0-9-]{3,30}$/,
  'instance-id': /^i-[a-z0-9]{8,40}$/,
  time: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/,
  list: /^[^\n\r]{1,2000}$/u,
  days: /^[1-9]\d{0,4}$/,
  networks: /^[\d.a-fA-F:/,，;；、\s]{7,2000}$/u,
};

/** Why `value` does not fit, or undefined. An empty or blank value never fits. */
export function misfit(value: string, format: Format): Problem | undefined {
  if (value.trim() === '' || !patterns[format].test(value) || (format === 'time' && Number.isNaN(Date.parse(value))) || (format === 'networks' && !areNetworks(value))) {
    return { code: 'E_VALUE', message: `"${value.slice(0, 60)}" is not a ${format}.`, hint: `Like this: ${exampleOf(format)}` };
  }
  return undefined;
}

/** Each an address or a network; one that lets everybody in is no limit. */
function areNetworks(value: string): boolean {
  return parts(value).every((part) => isNetwork(part) && (networkOf(part)?.length ?? 0) >= leastPrefix);
}

function parts(value: string): readonly string[] {
  return value.split(/[,，;；、\s]+/u).filter((part) => part !== '');
}

/** Facts a text answer leaves behind: lists become arrays, everything else stays text. */
export function answerFact(format: string | undefined, value: string): Json {
  return format === 'list' || format === 'networks' ? parts(value) : value;
}

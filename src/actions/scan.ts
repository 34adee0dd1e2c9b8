// Finding one principal's events in log text of any size: bytes first, JSON only where the principal stands. Pure; reads lines, not files.
import type { Json } from '../text.ts';
import type { CloudEvent } from './event.ts';
import { parseEvent } from './event.ts';
import { isObject, listAt } from './wire.ts';

const newline = 0x0a;
/** A document on one line may be this long; a longer one is not looked into, and said so. */
const mostLineBytes = 64 * 1024 * 1024;
/** An ASCII letter may be written as an escape: such lines are parsed, wherever the principal stands in them. */
const escaped = Buffer.from(String.raw`\u`);

export type Scanner = {
  /** Takes the next bytes, which may be reused afterwards; gives the events of what is complete by now. */
  push(bytes: Uint8Array): readonly CloudEvent[];
  /** The last line may lack its newline. */
  end(): readonly CloudEvent[];
  /** Lines that name the principal and are no JSON, or are too long: a document over many lines must be read whole. */
  unread(): number;
};

/** A scanner for the events whose `userIdentity` names the principal: a key, a user, a role session, a principal id. */
export function scannerFor(principal: string): Scanner {
  const needle = Buffer.from(principal);
  let pieces: Buffer[] = [];
  let held = 0;
  let unread = 0;
  let tooLong = false;

  const lineAt = (bytes: Buffer, start: number, end: number): readonly CloudEvent[] => {
    try {
      return eventsIn(JSON.parse(bytes.toString('utf8', start, end)) as Json, principal);
    } catch {
      unread += 1;
      return [];
    }
  };
  /** Whole lines only. Either needle makes a line worth parsing; each is parsed once, in its order. */
  const scan = (bytes: Buffer): readonly CloudEvent[] => {
    const found: CloudEvent[] = [];
    let [named, coded] = [bytes.indexOf(needle), bytes.indexOf(escaped)];
    while (named !== -1 || coded !== -1) {
      const hit = named === -1 ? coded : coded === -1 ? named : Math.min(named, coded);
      const start = bytes.lastIndexOf(newline, hit) + 1;
      const next = bytes.indexOf(newline, hit);
      const end = next === -1 ? bytes.length : next;
      found.push(...lineAt(bytes, start, end));
      if (named !== -1 && named < end) named = bytes.indexOf(needle, end);
      if (coded !== -1 && coded < end) coded = bytes.indexOf(escaped, end);
    }
    return found;
  };
  const keep = (bytes: Buffer): void => {
    if (tooLong) return;
    held += bytes.length;
    if (held > mostLineBytes) {
      tooLong = true;
      unread += 1;
      pieces = [];
    } else pieces.push(Buffer.from(bytes));
  };
  const flush = (last: Buffer): readonly CloudEvent[] => {
    const whole = tooLong ? [] : scan(pieces.length === 0 ? last : Buffer.concat([...pieces, last]));
    [pieces, held, tooLong] = [[], 0, false];
    return whole;
  };
  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const first = bytes.indexOf(newline);
      if (first === -1) {
        keep(bytes);
        return [];
      }
      const last = bytes.lastIndexOf(newline);
      const found = [...flush(bytes.subarray(0, first + 1)), ...(last > first ? scan(bytes.subarray(first + 1, last + 1)) : [])];
      if (last + 1 < bytes.length) keep(bytes.subarray(last + 1));
      return found;
    },
    end: () => flush(Buffer.alloc(0)),
    unread: () => unread,
  };
}

/**
 * The principal's events in one parsed document: a page of LookupEvents, a delivered array, a single event, one wrapped as `event`.
 * What is none of these has none.
 */
export function eventsIn(document: Json, principal: string): readonly CloudEvent[] {
  const pages = isObject(document) ? listAt(document, 'Events') : [];
  const raws = Array.isArray(document) ? (document as readonly Json[]) : pages.length > 0 ? pages : [document];
  return raws.flatMap((raw): readonly CloudEvent[] => {
    const event = unwrapped(raw);
    return isObject(event) && names(event['userIdentity'], principal) ? [parseEvent(event)] : [];
  });
}

function unwrapped(raw: Json): Json {
  const inner = isObject(raw) && raw['eventName'] === undefined ? raw['event'] : undefined;
  if (inner === undefined) return raw;
  if (typeof inner !== 'string') return inner;
  try {
    return JSON.parse(inner) as Json;
  } catch {
    return raw;
  }
}

/** Does any field of the identity, however deep, say exactly this? */
function names(identity: Json | undefined, principal: string): boolean {
  if (identity === principal) return true;
  return isObject(identity) && Object.values(identity).some((value) => names(value, principal));
}

// The trail against the account's own log, both ways: each write of ours is logged, each logged write of ours is in the trail. Pure.
import type { CloudEvent } from '../actions/event.ts';
import { globalRegions, logDelayMs } from '../actions/events.ts';
import type { LoggedWrites } from '../actions/actiontrail-ours.ts';
import type { CallResult, Entry } from '../casefile/entry.ts';

/** Two clocks never agree to the second: how far a time in the log may be from ours, milliseconds. */
const slackMs = 120_000;

/** A write as the trail tells it. */
export type Claim = {
  readonly call: string;
  /** The entry that says how it ended, or, of one that is open, that it was meant. */
  readonly seq: number;
  readonly from: string;
  readonly until: string;
  readonly product: string;
  readonly action: string;
  readonly region: string;
  readonly result: CallResult | 'open';
  readonly requestId?: string;
  /** Tries whose request id nobody knows: no answer came, or the cloud was too busy. */
  readonly nameless: number;
};

/** What a case says of its own writes, and what of the log is to be compared with it. */
export type Claims = {
  readonly case: string;
  /** Every access key the case ever acted with. */
  readonly keys: readonly string[];
  readonly writes: readonly Claim[];
  readonly regions: readonly string[];
  readonly openedAt: string;
  readonly closedAt?: string;
  /** How late the log may be, milliseconds: as published, or as the case measured, whichever is longer. */
  readonly delayMs: number;
};

/**
 * `missing`: the trail says done, the log does not know it. `differs`: the log has the request id with another call, key or case.
 * `untold`: the log has it as this case's own, the trail does not. `outside`: a write with the responder's key that is not this case's.
 * `unread`: nobody could look where it would be.
 */
export type Mismatch = {
  readonly kind: 'missing' | 'differs' | 'untold' | 'outside' | 'unread';
  readonly at: string;
  readonly action: string;
  readonly region: string;
  readonly requestId: string;
  readonly key?: string;
  readonly seq?: number;
  /** The User-Agent of the log. Chosen by whoever called: foreign. */
  readonly agent?: string;
  /** The log's error code, when the call was refused: then it changed nothing. */
  readonly refused?: string;
};

export type Reconciled = {
  /** `early`: what there is to find may not have reached the log yet. `unproven`: nothing is wrong, but not everything could be read. */
  readonly state: 'matched' | 'findings' | 'unproven' | 'early';
  readonly from: string;
  readonly to: string;
  /** The log is complete up to here, as far as anyone knows. */
  readonly trustedTo: string;
  /** When it makes sense to look again; only with something too early to tell. */
  readonly lookAgainAt?: string;
  readonly ours: { readonly total: number; readonly matched: number; readonly early: number; readonly refusedUnlogged: number; readonly neverSent: number };
  readonly log: { readonly total: number; readonly matched: number };
  readonly mismatches: readonly Mismatch[];
};

/** Reads what a trail claims; one without a pinned identity claims nothing. */
export function claimsOf(entries: readonly Entry[]): Claims {
  const [opened] = entries;
  const closed = entries.findLast((entry) => entry.type === 'case.closed');
  const meant = new Map<string, { readonly entry: Extract<Entry, { type: 'call.intended' }>; repeats: number }>();
  const writes = new Map<string, Claim>();
  const keys = new Set<string>();
  let delayMs = logDelayMs;
  for (const entry of entries) {
    if (entry.type === 'identity.pinned') keys.add(entry.accessKeyId);
    if (entry.type === 'call.intended') {
      const { call, seq, at, product, action, region } = entry;
      meant.set(call, { entry, repeats: 0 });
      writes.set(call, { call, seq, from: at, until: at, product, action, region, result: 'open', nameless: 1 });
    }
    const begun = entry.type === 'call.repeated' || entry.type === 'call.finished' ? meant.get(entry.call) : undefined;
    if (entry.type === 'call.repeated' && begun) begun.repeats += 1;
    if (entry.type === 'call.finished' && entry.effect === 'write') {
      const { call, seq, at, product, action, region, result, requestId, retries = 0 } = entry;
      const nameless = retries + (begun?.repeats ?? 0) + (requestId === undefined ? 1 : 0);
      writes.set(call, { call, seq, from: begun?.entry.at ?? at, until: at, product, action, region, result, nameless, ...(requestId === undefined ? {} : { requestId }) });
    }
    if (entry.type === 'job.finished' || entry.type === 'job.advanced' || entry.type === 'step.finished') delayMs = Math.max(delayMs, measuredDelay(entry.facts?.['quiet']));
  }
  const all = [...writes.values()];
  return {
    case: opened?.type === 'case.opened' ? opened.case : '',
    keys: [...keys],
    writes: all,
    regions: [...new Set(all.map(({ region }) => region))],
    openedAt: opened?.at ?? '',
    ...(closed ? { closedAt: closed.at } : {}),
    delayMs,
  };
}

/** What to read: a little more than the case's time, because the cloud's clock is not ours. */
export function windowOf(claims: Claims, now: string): { readonly from: string; readonly to: string } {
  const to = claims.closedAt ?? now;
  const late = shifted(to, slackMs);
  return { from: shifted(claims.openedAt, -slackMs), to: late < now ? late : now };
}

/** Compares. `now`: the time the log was read, by the case's clock. */
export function compare(claims: Claims, log: LoggedWrites, now: string): Reconciled {
  const trustedTo = shifted(now, -claims.delayMs);
  const to = claims.closedAt ?? now;
  const left = new Map(log.events.map((event) => [event.requestId, event]));
  const named = new Set(claims.writes.map(({ requestId }) => requestId));
  const mismatches: Mismatch[] = [];
  const counts = { matched: 0, early: 0, refusedUnlogged: 0, neverSent: 0 };
  let newestEarly = '';

  for (const claim of claims.writes) {
    const event = claim.requestId === undefined ? undefined : left.get(claim.requestId);
    if (event) {
      left.delete(event.requestId);
      if (agrees(event, claim, claims)) counts.matched += 1;
      else mismatches.push({ ...mismatchOf('differs', event), seq: claim.seq });
    }
    const traces = claim.nameless === 0 ? [] : [...left.values()].filter((each) => !named.has(each.requestId) && traceOf(each, claim, claims)).slice(0, claim.nameless);
    for (const { requestId } of traces) left.delete(requestId);
    if (event) continue;
    if (traces.length > 0 && claim.requestId === undefined) counts.matched += 1;
    else if (claim.result === 'unknown' || claim.result === 'open' || (claim.requestId === undefined && !claimsEffect(claim))) counts.neverSent += 1;
    else if (claim.until > trustedTo) {
      counts.early += 1;
      newestEarly = claim.until > newestEarly ? claim.until : newestEarly;
    } else if (!looked(claim, log)) mismatches.push(missingOf('unread', claim));
    else if (claimsEffect(claim)) mismatches.push(missingOf('missing', claim));
    else counts.refusedUnlogged += 1;
  }
  const inTime = log.events.filter(({ at }) => at >= claims.openedAt.slice(0, 19) && at <= to);
  const foreign = inTime.filter(({ requestId }) => left.has(requestId));
  mismatches.push(...foreign.map((event) => mismatchOf(namesCase(event.userAgent, claims.case) ? 'untold' : 'outside', event)));

  const pending = [newestEarly, ...(claims.closedAt !== undefined && claims.closedAt > trustedTo ? [claims.closedAt] : [])].filter((at) => at !== '').toSorted();
  const last = pending.at(-1);
  const unread = claims.keys.length > 0 && (log.regionsMissed.length > 0 || log.from > claims.openedAt);
  const state = mismatches.some(({ kind }) => kind !== 'unread') ? 'findings' : last === undefined ? (unread || mismatches.length > 0 ? 'unproven' : 'matched') : 'early';
  return {
    state,
    from: claims.openedAt,
    to,
    trustedTo,
    ...(last === undefined ? {} : { lookAgainAt: shifted(last, claims.delayMs + 1_000) }),
    ours: { total: claims.writes.length, ...counts },
    log: { total: inTime.length, matched: inTime.length - foreign.length },
    mismatches: mismatches.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  };
}

/** The request id alone could be anyone's: call, key and case have to be ours as well. */
function agrees(event: CloudEvent, claim: Claim, claims: Claims): boolean {
  return event.name === claim.action && claims.keys.includes(event.accessKeyId) && namesCase(event.userAgent, claims.case);
}

/** A logged try whose request id never reached us: what it is, where, when, and that it names this case. */
function traceOf(event: CloudEvent, claim: Claim, { case: id }: Claims): boolean {
  const near = event.at >= shifted(claim.from, -slackMs).slice(0, 19) && event.at <= shifted(claim.until, slackMs);
  return event.name === claim.action && near && namesCase(event.userAgent, id) && (event.region === '' || event.region === claim.region || isGlobal(claim));
}

/** `firebreak/VERSION case/ID`, as src/adapters/alibaba sends it, wherever an SDK puts it. */
function namesCase(agent: string, id: string): boolean {
  return agent.split(' ').some((word, at, words) => word.startsWith('firebreak/') && words[at + 1] === `case/${id}`);
}

function claimsEffect({ result }: Claim): boolean {
  return result === 'done' || result === 'already';
}

function isGlobal({ product }: Claim): boolean {
  return ['ram', 'ims', 'sts'].includes(product);
}

/** Could the log have shown it? The events of central products lie in either of two regions. */
function looked(claim: Claim, { regionsRead, from }: LoggedWrites): boolean {
  if (claim.until < from) return false;
  return isGlobal(claim) ? globalRegions.every((region) => regionsRead.includes(region)) : regionsRead.includes(claim.region);
}

function missingOf(kind: 'missing' | 'unread', { until, product, action, region, requestId, seq }: Claim): Mismatch {
  return { kind, at: until, action: `${product}:${action}`, region, requestId: requestId ?? '', seq };
}

function mismatchOf(kind: Mismatch['kind'], { at, service, name, region, requestId, accessKeyId, userAgent, errorCode }: CloudEvent): Mismatch {
  return { kind, at, action: `${service.toLowerCase()}:${name}`, region, requestId, key: accessKeyId, agent: userAgent, ...(errorCode === '' ? {} : { refused: errorCode }) };
}

function measuredDelay(quiet: unknown): number {
  const found = typeof quiet === 'object' && quiet !== null ? (quiet as { readonly logDelayMs?: unknown }).logDelayMs : undefined;
  return typeof found === 'number' ? found : 0;
}

function shifted(iso: string, ms: number): string {
  return new Date(Date.parse(iso) + ms).toISOString();
}

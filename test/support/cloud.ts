// An in-memory account behind the Cloud and Reader ports: for tests of actions and of what uses them. Not a fake of any SDK.
import type { Call, Collector, Context, Done, Finding, Reader, Refusal, Refused, Reply, Slice, Target } from '../../src/actions/define.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { answers } from './account.ts';
import type { Account } from './account.ts';
import { anAccount } from './account.ts';

export type Sealing = { readonly kind: string; readonly target?: string; readonly sensitive?: boolean; readonly coverage?: Json; readonly reply: Reply };

export type FakeCloud = Cloud & {
  readonly account: Account;
  /** Every call sent, in order. */
  readonly sent: readonly Call[];
  /** From now on a call fails so; `times` limits it, `when` narrows it. */
  refuse(operation: string, refusal: Refusal, options?: { readonly code?: string; readonly times?: number; readonly when?: (call: Call) => boolean }): void;
};

type Rule = { readonly operation: string; readonly refused: Refused; left: number; readonly when: (call: Call) => boolean };

/** A cloud over an account; the account may be changed while it runs. */
export function aCloud(account: Account = anAccount()): FakeCloud {
  const sent: Call[] = [];
  const rules: Rule[] = [];
  return {
    account,
    sent,
    settleMs: 0,
    endpoint: 'http://127.0.0.1:1',
    accessKeyId: account.caller.accessKeyId,
    source: 'profile:test',
    refuse(operation, refusal, { code = refusal, times = Number.POSITIVE_INFINITY, when = () => true } = {}) {
      rules.push({ operation, left: times, when, refused: { ok: false, refusal, code, message: `${operation} refused`, status: 403, text: `{"Code":"${code}"}`, retries: 0 } });
    },
    async send(call) {
      await Promise.resolve();
      sent.push(call);
      const rule = rules.find((each) => each.operation === `${call.product}:${call.action}` && each.left > 0 && each.when(call));
      if (rule !== undefined) {
        rule.left -= 1;
        return rule.refused;
      }
      const answer = answers[`${call.product}:${call.action}`];
      if (answer === undefined) throw new Error(`the fake cloud does not know ${call.product}:${call.action}`);
      const body = answer(account, call);
      return 'refusal' in body ? (body as Refused) : done(body, sent.length);
    },
    async close() {
      await Promise.resolve();
    },
  };
}

/** A reader over a cloud that refuses to write and keeps what it was asked to seal. */
export function aReader(cloud: Cloud): Reader & { readonly sealed: readonly Sealing[] } {
  const sealed: Sealing[] = [];
  return {
    sealed,
    async read(call, seal) {
      if (call.effect !== 'read') throw new Error(`${call.product}:${call.action} is a write`);
      const reply = await cloud.send(call);
      if (seal !== undefined) sealed.push({ ...seal, reply });
      return reply;
    },
  };
}

/** What an action or collector is told; the responder is its own user with its own key. */
export function aContext(input: JsonObject = {}, over: Partial<Context> = {}): Context {
  return {
    caseId: 'case-1',
    step: 'step',
    identity: {
      account: '1000000000000042',
      type: 'RAMUser',
      arn: 'acs:ram::1000000000000042:user/responder',
      principal: '200000000000000001',
      accessKeyId: 'LTAI5tEXAMPLEresponder01',
      userName: 'responder',
    },
    now: '2026-03-01T03:00:00Z',
    input,
    ...over,
  };
}

function done(body: JsonObject, number: number): Done {
  const requestId = `REQ-${number}`;
  const whole = { RequestId: requestId, ...body };
  return { ok: true, status: 200, text: JSON.stringify(whole), body: whole, requestId, redactions: [], retries: 0 };
}

/** Drives a collector to its end as the engine does: cursor after cursor, the clock at each `waitUntil`. */
export async function collect(
  cloud: FakeCloud,
  collector: Collector,
  given: JsonObject = {},
  options: { readonly now?: string; readonly target?: Target; readonly slices?: number; tick?(now: string): void; wakes?(now: string): string } = {},
): Promise<Collected> {
  const reader = aReader(cloud);
  const input = collector.input.parse(given) as JsonObject;
  const slices: Slice[] = [];
  let now = options.now ?? aContext().now;
  let cursor: Json | undefined;
  do {
    const slice = await collector.slice(reader, aContext(input, { now }), cursor, options.target);
    slices.push(slice);
    // What is kept of a cursor is its JSON.
    cursor = slice.cursor === undefined ? undefined : (JSON.parse(JSON.stringify(slice.cursor)) as Json);
    if (slice.waitUntil !== undefined) now = options.wakes?.(slice.waitUntil) ?? slice.waitUntil;
    options.tick?.(now);
  } while (cursor !== undefined && slices.length < (options.slices ?? 500));
  return {
    slices,
    last: slices.at(-1) as Slice,
    facts: Object.assign({}, ...slices.map(({ facts }) => facts)) as JsonObject,
    findings: slices.flatMap(({ findings }) => findings ?? []),
    sealed: reader.sealed,
    now,
  };
}

export type Collected = {
  readonly slices: readonly Slice[];
  readonly last: Slice;
  readonly facts: JsonObject;
  readonly findings: readonly Finding[];
  readonly sealed: readonly Sealing[];
  readonly now: string;
};

// One run in memory: the folded state and the ports, kept in step with the trail. Every record goes through here.
import { createHash } from 'node:crypto';
import type { Action, Collector, Context, Reader, Refused, Reply } from '../actions/define.ts';
import type { Draft } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import type { JsonObject, Text } from '../text.ts';
import type { Ports } from './ports.ts';
import { stepPath, visitOf, type Frame, type Library, type RunState } from './frame.ts';
import { fold, replay } from './state.ts';

export type Registry = Readonly<Record<string, Action | Collector>>;

export type Run = {
  readonly ports: Ports;
  readonly library: Library;
  readonly operations: Registry;
  state: RunState;
  /** How many entries of the trail are folded into `state`. */
  folded: number;
};

export function openRun(ports: Ports, library: Library, operations: Registry): Run {
  const entries = ports.store.entries();
  return { ports, library, operations, state: replay(entries, library), folded: entries.length };
}

/** Folds what is new in the trail: our own entries and those of other processes, in their order. */
export function catchUp(run: Run): void {
  const entries = run.ports.store.entries();
  for (; run.folded < entries.length; run.folded += 1) {
    const entry = entries[run.folded];
    if (entry) fold(run.state, entry, run.library);
  }
}

/** Appends and folds: durable when it resolves. A child's entries carry its frame. */
export async function record(run: Run, frame: Frame, ...drafts: readonly Draft[]): Promise<void> {
  await run.ports.store.append(...drafts.map((draft) => (frame.path === '' || draft.frame !== undefined ? draft : { ...draft, frame: frame.path })));
  catchUp(run);
}

/** Puts a witness of everything durable so far on record. */
export async function witness(run: Run, why: string): Promise<void> {
  const match = /bytes=(\d+) sha256=([0-9a-f]{64})$/.exec(run.ports.store.witness());
  if (!match) throw new Fault('E_BUG', 'The store gave no witness line.');
  await run.ports.store.append({ type: 'witness.given', why, bytes: Number(match[1]), sha256: match[2] as string });
  catchUp(run);
}

export function contextOf(run: Run, frame: Frame, input: JsonObject): Context {
  const pinned = run.state.identity;
  return {
    caseId: run.state.opened.case,
    step: stepPath(frame),
    now: run.ports.clock.now().toISOString(),
    input,
    attempt: frame.work.attempt,
    ...(pinned
      ? {
          identity: {
            account: pinned.account,
            type: pinned.kind,
            arn: pinned.arn,
            principal: pinned.principal,
            accessKeyId: pinned.accessKeyId,
            ...(pinned.userName === undefined ? {} : { userName: pinned.userName }),
          },
        }
      : {}),
  };
}

/** A reader for one step: sends, records the call, and seals the verbatim reply when asked to. */
export function readerFor(run: Run, frame: Frame, step: string): Reader {
  const { cloud, clock, store, by, version, signal } = run.ports;
  const seen = new Map<string, number>();
  const visit = visitOf(frame);
  return {
    async read(call, seal) {
      if (call.effect !== 'read') throw new Fault('E_BUG', `${call.product}:${call.action} writes, but was sent as a read.`);
      const startedAt = clock.now().toISOString();
      const reply = await cloud.send(call, signal);
      const key = JSON.stringify([frame.path, step, visit, call]);
      const nth = (seen.get(key) ?? 0) + 1;
      seen.set(key, nth);
      const id = createHash('sha256').update(`${key}#${nth}#${frame.work.attempt}`).digest('hex').slice(0, 16);
      const { product, version: api, action, region, params } = call;
      const finished: Draft = {
        type: 'call.finished',
        call: id,
        step,
        product,
        action,
        region,
        params,
        effect: 'read',
        how: 'first',
        ...(seal?.target === undefined ? {} : { target: seal.target }),
        ...outcomeOf(reply),
        ...(reply.retries > 0 ? { retries: reply.retries } : {}),
      };
      if (seal === undefined || reply.text === undefined) {
        await record(run, frame, finished);
        return reply;
      }
      const sealed = await store.put([Buffer.from(reply.text, 'utf8')]);
      await record(run, frame, finished, {
        type: 'evidence.sealed',
        ...sealed,
        kind: seal.kind,
        mediaType: 'application/json',
        step,
        ...(seal.target === undefined ? {} : { target: seal.target }),
        source: { endpoint: cloud.endpoint, product, version: api, action, region, params, requestId: reply.requestId ?? '', ...(reply.ok ? {} : { error: reply.code }) },
        collector: { tool: 'firebreak', version, by },
        startedAt,
        endedAt: clock.now().toISOString(),
        redactions: reply.ok ? reply.redactions : [],
        ...(seal.sensitive === true ? { sensitive: true as const } : {}),
        ...(seal.coverage === undefined ? {} : { coverage: seal.coverage }),
      });
      return reply;
    },
  };
}

type Outcome = Pick<Extract<Draft, { type: 'call.finished' }>, 'result' | 'code' | 'message' | 'requestId'>;

/** How a reply is recorded. `gone` and `exists` count as already done; reading then tells whether what holds is what was meant. */
export function outcomeOf(reply: Reply): Outcome {
  if (reply.ok) return { result: 'done', requestId: reply.requestId };
  const { code, message, requestId } = reply;
  return { result: results[reply.refusal], code, message: message.slice(0, 500), ...(requestId === undefined ? {} : { requestId }) };
}

const results: Record<Refused['refusal'], Outcome['result']> = {
  denied: 'denied',
  protected: 'denied',
  locked: 'denied',
  throttled: 'throttled',
  gone: 'already',
  exists: 'already',
  unknown: 'unknown',
  unreachable: 'failed',
  invalid: 'failed',
  unavailable: 'failed',
};

/** What a refusal means, for a tired person. */
export function explain(refused: Refused): Text {
  const { code } = refused;
  switch (refused.refusal) {
    case 'denied':
      return { en: `Not permitted (${code}). Ask for the permission, or do it by hand.`, zh: `没有权限（${code}）。请申请权限，或手工完成。` };
    case 'protected':
      return {
        en: 'Alibaba Cloud has flagged YOUR key as leaked and blocks it. Go on with another credential: firebreak resume CASE --profile NAME.',
        zh: '阿里云已将您自己的密钥标记为泄露并限制使用。请换用其他凭证：firebreak resume CASE --profile NAME。',
      };
    case 'locked':
      return { en: `The target is under a security lock (${code}). Only Alibaba support can lift it.`, zh: `目标处于安全锁定状态（${code}），只有阿里云支持可以解除。` };
    case 'throttled':
      return { en: `Too many calls (${code}). Wait a minute, then retry.`, zh: `请求过于频繁（${code}）。请稍等一分钟再重试。` };
    case 'gone':
      return { en: `It does not exist any more (${code}).`, zh: `目标已不存在（${code}）。` };
    case 'exists':
      return { en: `It exists already (${code}).`, zh: `已存在（${code}）。` };
    case 'unknown':
      return {
        en: 'No answer came. It may or may not have happened; the cloud is read before anything is repeated.',
        zh: '没有收到结果，可能已执行也可能没有。重复之前会先读取云端状态。',
      };
    case 'unreachable':
      return {
        en: `Alibaba Cloud can not be reached (${code}). Nothing was sent. Check the network, then retry.`,
        zh: `无法连接阿里云（${code}），没有发出请求。请检查网络后重试。`,
      };
    case 'invalid':
      return { en: `Refused (${code}): ${refused.message.slice(0, 200)}`, zh: `请求被拒绝（${code}）：${refused.message.slice(0, 200)}` };
    case 'unavailable':
      return { en: `The service has a fault (${code}). Retry in a minute.`, zh: `云服务暂时故障（${code}），请稍后重试。` };
  }
}

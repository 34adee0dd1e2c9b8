// Tells a trail step by step without a disk: linked, signed entries, for the folds that read them (report, score).
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, type Tip } from '../../src/casefile/chain.ts';
import type { CallResult, Draft, Entry, How, RecordedTarget, TargetStatus } from '../../src/casefile/entry.ts';
import { canonical } from '../../src/casefile/canonical.ts';
import { privateKeyOf, signerOf } from '../../src/casefile/signing.ts';
import { renderWitness } from '../../src/casefile/witness.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import type { JsonObject, Text } from '../../src/text.ts';

const source = readFileSync(new URL('../../runbooks/leaked-access-key/runbook.yaml', import.meta.url), 'utf8');
const parsed = parseRunbook(source, 'runbook.yaml').runbook;
if (!parsed) throw new Error('The shipped runbook does not parse.');
export const leakedKey: Runbook = parsed;
export const runbookSha256 = hash('sha256', source, 'hex');

/** The shipped runbook by its hash, as a case carries it. */
export const library = (sha256: string): Runbook | undefined => (sha256 === runbookSha256 ? leakedKey : undefined);

const signer = signerOf(privateKeyOf(Buffer.alloc(32, 7)));
export const both = (en: string): Text => ({ en, zh: `${en}（中）` });

export type Story = {
  /** Moves the scenario clock. */
  after(seconds: number): Story;
  tell(...drafts: readonly Draft[]): Story;
  begin(step: string): Story;
  finish(step: string, outcome: string, more?: Partial<Extract<Draft, { type: 'step.finished' }>>): Story;
  answer(step: string, value: string, more?: Partial<Extract<Draft, { type: 'answer.given' }>>): Story;
  /** Freezes a list and approves it. */
  approve(step: string, act: string, targets: readonly RecordedTarget[], held?: readonly { readonly id: string; readonly why: JsonObject }[], value?: string): Story;
  write(step: string, call: WriteOf): Story;
  settle(step: string, target: string, status: TargetStatus, more?: { readonly note?: JsonObject; readonly facts?: JsonObject; readonly seals?: string }): Story;
  seal(kind: string, step: string, target?: string, more?: { readonly sensitive?: true; readonly redactions?: readonly string[]; readonly region?: string }): Story;
  read(step: string, product: string, action: string, region: string, result?: CallResult, code?: string): Story;
  entries(): readonly Entry[];
};

export type WriteOf = {
  readonly product: string;
  readonly action: string;
  readonly targets: readonly string[];
  readonly region?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly class?: string;
  /** `open`: the intent alone. */
  readonly result?: CallResult | 'open';
  readonly how?: How;
  readonly code?: string;
  readonly message?: string;
  readonly by?: string;
};

export type Opening = { readonly case?: string; readonly exercise?: boolean; readonly by?: string };

/** A trail that begins, with nothing else in it. */
export function aStory(opening: Opening = {}): Story {
  const id = opening.case ?? 'INC-20260314-4f2a';
  const by = opening.by ?? 'on-call';
  const told: Entry[] = [];
  let tip: Tip | undefined;
  let now = Date.parse('2026-03-14T19:04:00.000Z');
  let calls = 0;
  let visits: Record<string, number> = {};
  const tell = (...drafts: readonly Draft[]): Story => {
    for (const draft of drafts) {
      const linked = link(tip, draft, new Date(now).toISOString(), signer.sign);
      tip = linked.tip;
      told.push(linked.entry);
    }
    return story;
  };
  const phaseOf = (step: string): string => leakedKey.steps.find((each) => each.id === step)?.phase ?? 'analyze';
  const kindOf = (step: string): string => leakedKey.steps.find((each) => each.id === step)?.kind ?? 'ask';
  const visitOf = (step: string): number => visits[step] ?? 1;
  const story: Story = {
    after(seconds) {
      now += seconds * 1000;
      return story;
    },
    tell,
    begin(step) {
      visits = { ...visits, [step]: (visits[step] ?? 0) + 1 };
      return tell({ type: 'step.started', step, visit: visitOf(step), kind: kindOf(step), phase: phaseOf(step) });
    },
    finish: (step, outcome, more = {}) => tell({ type: 'step.finished', step, visit: visitOf(step), outcome, ...more }),
    answer: (step, value, more = {}) =>
      tell({ type: 'answer.given', step, visit: visitOf(step), kind: step.startsWith('input.') ? 'ask' : kindOf(step), value, by, via: 'terminal', ...more }),
    approve(step, act, targets, held = [], value) {
      const text = `do ${targets.length} 7f3a`;
      story.begin(step);
      tell({ type: 'batch.frozen', step, visit: visitOf(step), act, text, sha256: '7f3a'.repeat(16), targets, held, calls: [] });
      now += 20_000;
      story.answer(step, value ?? text);
      return story.finish(step, value === 'no' ? 'declined' : 'approved');
    },
    write(step, { product, action, targets, region = 'cn-hangzhou', params = {}, class: risk = 'R1', result = 'done', how = 'first', code, message, by: teller }) {
      calls += 1;
      const call = `${step}#${visitOf(step)}.1.${calls}`;
      const target = targets.length === 1 ? { target: targets[0] as string } : {};
      tell({
        type: 'call.intended',
        call,
        step,
        visit: visitOf(step),
        targets,
        ...target,
        sentAt: new Date(now).toISOString(),
        class: risk,
        product,
        version: '2014-05-26',
        action,
        region,
        params,
      });
      if (result === 'open') return story;
      now += 1_000;
      const more = { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }), ...(teller === undefined ? {} : { by: teller }) };
      return tell({ type: 'call.finished', call, step, ...target, product, action, region, effect: 'write', result, how, requestId: `REQ-${calls}`, ...more });
    },
    settle: (step, target, status, more = {}) => tell({ type: 'target.settled', step, visit: visitOf(step), target, status, ...more }),
    seal(kind, step, target, { sensitive, redactions = [], region = 'cn-hangzhou' } = {}) {
      const at = new Date(now).toISOString();
      const custody = {
        kind,
        mediaType: 'application/json',
        step,
        source: { product: 'ecs', action: 'DescribeInstances', region, requestId: `SEAL-${told.length}` },
        collector: { tool: 'firebreak', version: '0.1.0', by },
        startedAt: at,
        endedAt: at,
        redactions,
      };
      return tell({
        type: 'evidence.sealed',
        sha256: hash('sha256', `${kind}${step}${target ?? ''}${told.length}`, 'hex'),
        bytes: 512,
        ...custody,
        ...(target === undefined ? {} : { target }),
        ...(sensitive === undefined ? {} : { sensitive }),
      });
    },
    read: (step, product, action, region, result = 'done', code) =>
      tell({
        type: 'call.finished',
        call: hash('sha256', `${told.length}`, 'hex').slice(0, 16),
        step,
        product,
        action,
        region,
        params: {},
        effect: 'read',
        result,
        how: 'first',
        ...(code === undefined ? {} : { code }),
      }),
    entries: () => told,
  };
  return tell({
    type: 'case.opened',
    case: id,
    origin: opening.exercise === true ? 'exercise' : 'case',
    mode: opening.exercise === true ? 'drill' : 'live',
    runbook: leakedKey.id,
    runbookSha256,
    endpoint: opening.exercise === true ? 'range' : 'alibaba',
    key: signer.key,
    version: '0.1.0',
    by,
    lang: 'en',
    credential: 'profile:ir',
  });
}

/** The store's witness line over these entries. */
export function witnessOf(entries: readonly Entry[]): string {
  const text = entries.map((entry) => `${canonical(entry)}\n`).join('');
  const [opened] = entries;
  return renderWitness(opened?.type === 'case.opened' ? opened.case : 'X', Buffer.byteLength(text), hash('sha256', text, 'hex'));
}

// A program that plays a case from its status documents alone: it knows the command line's contract, and nothing of what is inside.
import { expect } from 'vitest';

export type Pending = {
  readonly step: string;
  readonly kind: string;
  readonly question: string;
  readonly target?: string;
  readonly targets?: readonly string[];
  readonly choices?: readonly string[];
  readonly expects?: { readonly text?: string; readonly format?: string; readonly list?: boolean; readonly example?: string };
  readonly dueAt?: string;
};
export type Status = {
  readonly case: string;
  readonly origin: string;
  readonly runbook: string;
  readonly mode: string;
  readonly phase: string;
  readonly step: string;
  readonly state: string;
  readonly pending: Pending | null;
  readonly jobs: readonly Record<string, unknown>[];
  readonly debts: readonly unknown[];
  readonly outcome?: string;
  readonly witness: string;
  readonly report?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
};
export type Said = { readonly exit: number; readonly document: Status; readonly ms: number };
/** Runs one command line with `--json`. */
export type Command = (...words: readonly string[]) => Promise<Said>;

/** What the player says where it does not take the first choice or the example; a list is for successive visits. */
export type Script = Readonly<Record<string, string | readonly string[]>>;

export type Played = { readonly last: Status; readonly asked: readonly Pending[]; readonly slowest: { readonly words: string; readonly ms: number } };

/** Plays to the end, or to the first question of the step `until`. Checks every document and exit status on the way. */
export async function play(command: Command, script: Script, until: string = ''): Promise<Played> {
  const asked: Pending[] = [];
  let slowest = { words: '', ms: 0 };
  const say = async (...words: readonly string[]): Promise<Status> => {
    const said = await command(...words);
    if (said.ms > slowest.ms) slowest = { words: words.join(' '), ms: said.ms };
    return checked(said, words);
  };
  let status = await say('run', 'leaked-access-key', '--case', 'FOREIGN');
  for (let turns = 0; status.state !== 'closed'; turns += 1) {
    if (turns > 120) throw new Error(`no end in sight: ${JSON.stringify(status)}`);
    const { pending } = status;
    if (!pending) {
      expect(status.state).toBe('running');
      status = await say('resume', 'FOREIGN');
      continue;
    }
    asked.push(pending);
    if (pending.step === until) break;
    const visits = asked.filter(({ step, kind }) => step === pending.step && kind === pending.kind).length;
    status = await say('answer', 'FOREIGN', pending.step, ...valueOf(pending, script, visits));
  }
  return { last: status, asked, slowest };
}

function valueOf(pending: Pending, script: Script, visit: number): readonly string[] {
  const listed = script[`${pending.step}:${pending.kind}`] ?? script[pending.step];
  const value = typeof listed === 'string' ? listed : listed?.[Math.min(visit, listed.length) - 1];
  if (value !== undefined) return value.startsWith('--') ? [value.slice(0, value.indexOf(' ')), value.slice(value.indexOf(' ') + 1)] : [value];
  switch (pending.kind) {
    case 'approve':
      return [pending.expects?.text ?? ''];
    case 'review':
      return ['Somebody pasted it into a ticket.'];
    case 'manual':
    case 'notify':
      return ['done'];
    case 'watch':
      return ['unverified'];
    case 'failed':
      return [visit === 1 ? 'retry' : 'go-on'];
    case 'in-doubt':
      return [visit === 1 ? 'look-again' : 'happened'];
    default:
      return [pending.choices?.[0] ?? pending.expects?.example ?? ''];
  }
}

const always = ['case', 'debts', 'jobs', 'mode', 'origin', 'pending', 'phase', 'runbook', 'state', 'step', 'witness'];
const kinds = ['ask', 'decide', 'approve', 'manual', 'notify', 'review', 'watch', 'failed', 'in-doubt'];
const fields = ['step', 'kind', 'question', 'target', 'targets', 'choices', 'expects', 'dueAt'];

/** The document of design §8, field by field, and the exit status that belongs to it. */
function checked({ exit, document: status }: Said, words: readonly string[]): Status {
  const hint = words.join(' ');
  expect(status.error, hint).toBeUndefined();
  const { outcome, report, ...rest } = status;
  expect(Object.keys(rest).toSorted(), hint).toEqual(always);
  expect(status).toMatchObject({ case: 'FOREIGN', origin: 'exercise', runbook: 'leaked-access-key', mode: 'live' });
  expect(status.witness).toMatch(/^FOREIGN bytes=\d+ sha256=[0-9a-f]{64}$/);
  expect(['waiting', 'watching', 'in-doubt', 'running', 'closed'], hint).toContain(status.state);
  expect(exit, hint).toBe(status.state === 'closed' ? 0 : 75);
  expect(outcome !== undefined, hint).toBe(status.state === 'closed');
  expect(report !== undefined, hint).toBe(status.state === 'closed');
  const { pending } = status;
  expect(pending === null, `${hint}: ${status.state}`).toBe(status.state === 'running' || status.state === 'closed');
  if (!pending) return status;
  expect(kinds).toContain(pending.kind);
  expect(
    Object.keys(pending).filter((name) => !fields.includes(name)),
    hint,
  ).toEqual([]);
  expect(status.state).toBe(pending.kind === 'watch' ? 'watching' : pending.kind === 'in-doubt' ? 'in-doubt' : 'waiting');
  expect(pending.question.trim(), hint).not.toBe('');
  expect(pending.question, hint).not.toMatch(/undefined|\{[a-z]\w*/i);
  if (pending.kind === 'ask' && pending.choices === undefined) expect(pending.expects?.example, hint).toEqual(expect.stringMatching(/./));
  if (pending.kind === 'approve') {
    expect(pending.expects?.text, hint).toMatch(/^[ -~]{1,24}$/);
    expect(pending.targets?.length, hint).toBeGreaterThan(0);
  }
  if (pending.kind === 'watch') expect(pending.dueAt, hint).toMatch(/^\d{4}-\d\d-\d\dT/);
  if (['decide', 'manual', 'notify', 'watch', 'failed', 'in-doubt'].includes(pending.kind)) expect(pending.choices?.length, hint).toBeGreaterThan(1);
  return status;
}

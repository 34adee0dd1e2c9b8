// How well a drill was played: the trail measured against the scenario's objectives. Pure; knows entries, no world.
import type { Entry } from '../casefile/entry.ts';
import type { Text } from '../text.ts';
import type { Condition, Objective, Scenario } from './scenario.ts';

export type ObjectiveResult = {
  readonly id: string;
  readonly text: Text;
  readonly points: number;
  readonly must: boolean;
  readonly reached: boolean;
  /** When it was reached, scenario time; absent where no moment decides. */
  readonly at?: string;
  readonly why: Text;
};

export type Score = {
  readonly scenario: string;
  readonly points: number;
  readonly of: number;
  readonly passPoints: number;
  readonly passed: boolean;
  readonly results: readonly ObjectiveResult[];
};

/** The score of a trail. What an open case has not reached yet counts as missed. */
export function score(entries: readonly Entry[], { id, objectives, passPoints }: Pick<Scenario, 'id' | 'objectives' | 'passPoints'>): Score {
  const played = read(entries);
  const results = objectives.map((objective) => judge(played, objective));
  const of = results.reduce((sum, { points }) => sum + points, 0);
  const points = results.reduce((sum, result) => sum + (result.reached ? result.points : 0), 0);
  const needed = passPoints ?? Math.ceil(of * 0.7);
  const passed = points >= needed && results.every(({ must, reached }) => reached || !must);
  return { scenario: id, points, of, passPoints: needed, passed, results };
}

type Sent = { readonly name: string; readonly targets: readonly string[]; readonly seq: number; readonly at: string; done: boolean };
type Ended = { readonly outcome: string; readonly seq: number; readonly at: string };

/** What the conditions ask about, gathered in one pass. */
type Played = {
  readonly openedAt: string;
  closed: { readonly as: string; readonly at: string } | undefined;
  readonly sent: Sent[];
  readonly steps: Map<string, Ended[]>;
  readonly jobs: Map<string, Ended>;
  /** Act step → target → how it stands. */
  readonly targets: Map<string, Map<string, string>>;
  readonly held: Set<string>;
  /** Target → where in the trail evidence of it was first sealed. */
  readonly sealed: Map<string, number>;
};

function read(entries: readonly Entry[]): Played {
  const played: Played = { openedAt: entries[0]?.at ?? '', closed: undefined, sent: [], steps: new Map(), jobs: new Map(), targets: new Map(), held: new Set(), sealed: new Map() };
  const calls = new Map<string, Sent>();
  for (const entry of entries) {
    const { seq, at } = entry;
    const path = (step: string): string => (entry.frame === undefined ? step : `${entry.frame}/${step}`);
    switch (entry.type) {
      case 'step.finished':
        into(played.steps, path(entry.step), []).push({ outcome: entry.outcome, seq, at });
        break;
      case 'job.finished':
        played.jobs.set(path(entry.job), { outcome: entry.outcome, seq, at });
        break;
      case 'batch.frozen':
        for (const { id } of entry.held) played.held.add(id);
        break;
      case 'call.intended': {
        const sent = { name: `${entry.product}:${entry.action}`, targets: entry.targets, seq, at, done: false };
        calls.set(entry.call, sent);
        played.sent.push(sent);
        break;
      }
      case 'call.finished': {
        const sent = calls.get(entry.call);
        if (sent) sent.done = entry.result === 'done' || entry.result === 'already';
        break;
      }
      case 'target.settled':
        into(played.targets, path(entry.step), new Map<string, string>()).set(entry.target, entry.status);
        if (entry.status === 'sealed') first(played.sealed, entry.target, seq);
        break;
      case 'evidence.sealed':
        if (entry.target !== undefined && entry.kind !== 'before') first(played.sealed, entry.target, seq);
        break;
      case 'case.closed':
        played.closed = { as: entry.as ?? entry.outcome, at };
        break;
      default:
    }
  }
  return played;
}

function into<T>(map: Map<string, T>, key: string, fresh: T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  map.set(key, fresh);
  return fresh;
}

function first(map: Map<string, number>, key: string, seq: number): void {
  if (!map.has(key)) map.set(key, seq);
}

type Verdict = { readonly reached: boolean; readonly at?: string; readonly why: Text };

const say = (en: string, zh: string): Text => ({ en, zh });
const no = (en: string, zh: string): Verdict => ({ reached: false, why: say(en, zh) });
const yes = (why: Text, at?: string): Verdict => ({ reached: true, why, ...(at === undefined ? {} : { at }) });

function judge(played: Played, { id, text, points, must, when }: Objective): ObjectiveResult {
  return { id, text, points, must, ...verdict(played, when) };
}

function verdict(played: Played, when: Condition): Verdict {
  if ('finished' in when) return ended(played, when.finished, played.steps.get(when.finished) ?? [], when);
  if ('jobFinished' in when) {
    const job = played.jobs.get(when.jobFinished);
    return ended(played, when.jobFinished, job ? [job] : [], when);
  }
  if ('done' in when) {
    const sent = played.sent.filter((each) => isOn(each, when.done, when.target));
    const done = sent.find((each) => each.done);
    if (done) return inTime(played, done.at, when.withinMinutes);
    return sent.length > 0 ? no('It was sent, but did not go through.', '已发出，但未成功。') : no('It was not done.', '没有执行。');
  }
  if ('never' in when) {
    const sent = played.sent.find((each) => isOn(each, when.never, when.target));
    return sent ? no(`It was sent at ${clock(sent.at)}.`, `在 ${clock(sent.at)} 执行了。`) : closed(played, say('It was never sent.', '从未执行。'));
  }
  if ('held' in when) return held(played, when.held);
  if ('evidenceBefore' in when) return evidenceBefore(played, when.evidenceBefore);
  if ('order' in when) return order(played, when.order);
  if ('allTargetsDone' in when) return allDone(played, when.allTargetsDone, when.withinMinutes);
  if (played.closed?.as === when.closed) return inTime(played, played.closed.at, when.withinMinutes);
  return no(`The case ended as ${played.closed?.as ?? 'not yet'}.`, `案件结束方式：${played.closed?.as ?? '尚未结束'}。`);
}

function isOn({ name, targets }: Sent, call: string, target: string | undefined): boolean {
  return name === call && (target === undefined || targets.includes(target));
}

function ended(
  played: Played,
  name: string,
  all: readonly Ended[],
  when: { readonly outcome?: readonly string[] | undefined; readonly withinMinutes?: number | undefined },
): Verdict {
  const fits = all.find(({ outcome }) => outcome !== 'skipped' && (when.outcome === undefined || when.outcome.includes(outcome)));
  if (fits) return inTime(played, fits.at, when.withinMinutes);
  const last = all.at(-1)?.outcome;
  return last === undefined ? no(`${name} was not reached.`, `没有到达 ${name}。`) : no(`${name} ended as "${last}".`, `${name} 的结果是 “${last}”。`);
}

function inTime({ openedAt }: Played, at: string, withinMinutes: number | undefined): Verdict {
  const minutes = (Date.parse(at) - Date.parse(openedAt)) / 60_000;
  const after = Math.round(minutes * 10) / 10;
  if (withinMinutes !== undefined && minutes > withinMinutes) {
    return { reached: false, at, why: say(`After ${after} minutes; ${withinMinutes} were allowed.`, `用时 ${after} 分钟，要求 ${withinMinutes} 分钟内。`) };
  }
  return yes(say(`After ${after} minutes.`, `用时 ${after} 分钟。`), at);
}

/** What never happened is only known at the end. */
function closed(played: Played, why: Text): Verdict {
  return played.closed ? yes(why) : no('The case is still open.', '案件尚未结束。');
}

function held(played: Played, target: string): Verdict {
  const sent = played.sent.find(({ targets }) => targets.includes(target));
  if (sent) return no(`${sent.name} was sent to it at ${clock(sent.at)}.`, `在 ${clock(sent.at)} 对它执行了 ${sent.name}。`);
  return played.held.has(target) ? closed(played, say('It was held back and left alone.', '已被排除，未受影响。')) : no('It was never listed.', '它从未被列出。');
}

function evidenceBefore(played: Played, call: string): Verdict {
  const sent = played.sent.filter(({ name }) => name === call);
  const bare = sent.flatMap(({ targets, seq }) => targets.filter((target) => (played.sealed.get(target) ?? Infinity) > seq));
  if (sent.length === 0) return no('It was not done.', '没有执行。');
  if (bare.length > 0) return no(`Without evidence: ${bare.slice(0, 3).join(', ')} (${bare.length}).`, `缺少证据：${bare.slice(0, 3).join('、')}（共 ${bare.length} 个）。`);
  const targets = sent.reduce((sum, each) => sum + each.targets.length, 0);
  return yes(say(`Evidence of all ${targets} targets was sealed first.`, `全部 ${targets} 个目标均先保全了证据。`), sent[0]?.at);
}

function order(played: Played, [before, after]: readonly [string, string]): Verdict {
  const [a, b] = [before, after].map((name) => moment(played, name));
  if (!a || !b) return no(`${a ? after : before} did not happen.`, `${a ? after : before} 没有发生。`);
  return a.seq < b.seq ? yes(say(`${before}, then ${after}.`, `先 ${before}，后 ${after}。`), b.at) : no(`${after} came first.`, `${after} 先发生。`);
}

function moment(played: Played, name: string): { readonly seq: number; readonly at: string } | undefined {
  return name.includes(':') ? played.sent.find((each) => each.name === name && each.done) : played.steps.get(name)?.find(({ outcome }) => outcome !== 'skipped');
}

function allDone(played: Played, step: string, withinMinutes: number | undefined): Verdict {
  const ends = played.steps.get(step)?.at(-1);
  const targets = [...(played.targets.get(step) ?? [])];
  const open = targets.filter(([, status]) => !['done', 'already', 'gone'].includes(status)).map(([target]) => target);
  if (targets.length === 0 || !ends) return no('It was not done.', '没有执行。');
  if (open.length > 0)
    return no(
      `Not done: ${open.slice(0, 3).join(', ')} (${open.length} of ${targets.length}).`,
      `未完成：${open.slice(0, 3).join('、')}（${targets.length} 个中的 ${open.length} 个）。`,
    );
  return inTime(played, ends.at, withinMinutes);
}

function clock(at: string): string {
  return at.slice(11, 19);
}

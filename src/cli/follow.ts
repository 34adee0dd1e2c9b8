// firebreak follow: a case watched live. Reads the trail again and again; takes no lock, repairs nothing, writes nothing.
import type { Entry } from '../casefile/entry.ts';
import type { RunState } from '../engine/frame.ts';
import { fold, replay } from '../engine/state.ts';
import { exits, Fault } from '../errors.ts';
import type { Runbook } from '../runbook/schema.ts';
import { escapeJson } from '../text.ts';
import type { Command } from './command.ts';
import { linesOf, timed } from './follow-lines.ts';
import { openingOf, sealedRunbooks } from './library.ts';
import { takesOf } from './screen-brief.ts';
import { jobState } from './screen-status.ts';
import type { Shell } from './shell.ts';
import { renderStatus, statusOf } from './status.ts';
import { wordsOf } from './words.ts';

const pollMs = 1_000;
/** Of a long trail most of the time would go into reading it: for one part of reading there are this many of rest. */
const restPerRead = 9;
/** One job's progress is not told more often, host milliseconds. */
const progressMs = 5_000;

export const follow: Command = {
  name: 'follow',
  usage: 'follow CASE',
  summary: {
    en: 'watch a case live until it closes; --json: every entry, one JSON a line',
    zh: '实时跟踪案件直至结案；--json 每行输出一个条目',
  },
  examples: ['firebreak follow INC-20260314-4f2a', 'firebreak follow INC-20260314-4f2a --json | jq -c \'select(.type == "answer.given")\''],
  flags: {},
  words: [1, 1],
  async run(shell, args) {
    const [id] = args.words as [string];
    const tell = shell.json ? asJson(shell) : asLines(shell);
    for (;;) {
      const startedAt = shell.host.hostNow().getTime();
      const store = await shell.readCase(id);
      openingOf(store);
      await tell(store);
      if (store.entries().at(-1)?.type === 'case.closed') return exits.ok;
      await rest(shell, id, Math.max(pollMs, restPerRead * (shell.host.hostNow().getTime() - startedAt)));
    }
  },
};

type Case = Awaited<ReturnType<Shell['readCase']>>;

async function rest(shell: Shell, id: string, ms: number): Promise<void> {
  try {
    await shell.host.hostSleep(ms, shell.signal);
  } catch (cause) {
    if (!shell.signal.aborted) throw cause;
    throw new Fault('E_INTERRUPTED', 'Stopped watching. The case was not touched.', { hint: `Watch on: firebreak follow ${id}${shell.vaultFlag ?? ''}`, cause });
  }
}

/** How many entries of `now` are those that were told before: all of them, unless a writer cut back what it could not flush. */
function stillThere(told: readonly Entry[], now: readonly Entry[]): number {
  const differs = told.findIndex(({ sig }, nth) => now[nth]?.sig !== sig);
  return differs < 0 ? told.length : differs;
}

/** Every entry from the first on, as recorded, one JSON a line: a program picks what it wants. */
function asJson(shell: Shell): (store: Case) => Promise<void> {
  let told: readonly Entry[] = [];
  return async (store) => {
    const now = store.entries();
    for (const entry of now.slice(stillThere(told, now))) shell.out(escapeJson(JSON.stringify(entry)));
    told = now;
    return Promise.resolve();
  };
}

/** First where it stands, then what is new and matters to a person. */
function asLines(shell: Shell): (store: Case) => Promise<void> {
  const { lang, host } = shell;
  const words = wordsOf(lang);
  const library = new Map<string, Runbook>();
  const find = (sha256: string): Runbook => library.get(sha256) as Runbook;
  const jobs = new Map<string, { readonly text: string; readonly at: number }>();
  let told: readonly Entry[] = [];
  let state: RunState | undefined;
  let asked = '';

  /** What waits, told once. */
  const question = (now: RunState): readonly string[] => {
    const { pending } = statusOf(now, '', lang);
    const key = pending === null ? '' : JSON.stringify([pending['step'], pending['kind'], now.frames.at(-1)?.visits, pending['expects'] ?? null]);
    if (key === asked || pending === null) return [];
    asked = key;
    const [title = ''] = String(pending['question']).split('\n');
    return timed(now.lastAt, `${words.follow.waits}  ${String(pending['step'])}: ${title} | ${takesOf(pending, words)}`);
  };
  const progress = (now: RunState): readonly string[] =>
    now.frames.flatMap((frame) =>
      Object.values(frame.jobs).flatMap((job) => {
        const [name, text, at] = [`${frame.path}/${job.job}`, jobState(job, frame, words), host.hostNow().getTime()];
        const last = jobs.get(name);
        if (job.status !== 'running' || last?.text === text || (last !== undefined && at - last.at < progressMs)) return [];
        jobs.set(name, { text, at });
        return last === undefined ? [] : timed(now.lastAt, `${words.follow.background} ${job.job}: ${text}`);
      }),
    );

  return async (store) => {
    const now = store.entries();
    for (const [sha256, book] of await sealedRunbooks(store, library)) library.set(sha256, book);
    const kept = stillThere(told, now);
    if (state === undefined || kept < told.length) {
      if (state !== undefined) shell.out(words.follow.cutBack(kept));
      state = replay(now, find);
      question(state);
      progress(state);
      shell.out([`case: ${store.id}`, renderStatus(statusOf(state, store.witness(), lang), lang, shell.vaultFlag), ...(state.closed ? [] : [words.follow.watching])].join('\n'));
    } else {
      const rows: string[] = [];
      for (const entry of now.slice(kept)) {
        const before = { phase: state.phase, findings: state.findings.length };
        fold(state, entry, find);
        rows.push(...linesOf(entry, { state, lang, before }));
      }
      rows.push(...progress(state), ...question(state));
      if (rows.length > 0) shell.out(rows.join('\n'));
    }
    told = now;
  };
}

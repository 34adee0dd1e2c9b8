// Drives a case without a person at the prompt: inputs, an answers file, a drill's reference answers; then says where it stands.
import type { Stop } from '../engine/drive.ts';
import { giveAnswer, giveInput, proposalOf, skip, type Via } from '../engine/answer.ts';
import { pendingOf, type Pending } from '../engine/pending.ts';
import { current, openInputs } from '../engine/frame.ts';
import { Fault, exits } from '../errors.ts';
import { fingerprint } from '../casefile/signing.ts';
import { renderWitness } from '../casefile/witness.ts';
import { readInputs, scriptOf, type Answers, type Script } from './given.ts';
import { driving, goOn, pause, type Session } from './session.ts';
import type { DrillScore } from '../report/shape.ts';
import type { Lang } from '../text.ts';
import { renderStatus, statusOf } from './status.ts';

/** Stands for the exact approval text, in drills only: a real batch is approved by a person who saw it. */
const approveWord = 'approve';

/** Records `--input k=v` pairs, then the proposals nobody changed. */
export async function giveInputs(session: Session, pairs: readonly string[], proposals: boolean): Promise<void> {
  for (const [name, value] of readInputs(current(session.run.state).runbook, pairs)) await giveInput(session.run, name, value, 'input');
  if (proposals) await takeProposals(session);
}

/** Nobody is here to change what is proposed: it is taken and recorded as that, unless `script` says otherwise. */
async function takeProposals(session: Session, script?: Script): Promise<void> {
  for (const name of openInputs(current(session.run.state))) {
    const proposal = proposalOf(session.run, name);
    if (proposal !== undefined && script?.has(`input.${name}`) !== true) await giveInput(session.run, name, proposal, 'proposal');
  }
}

export type Play = {
  readonly answers?: Answers;
  readonly via?: Via;
  /** A drill nobody plays moves its clock over every wait. */
  readonly jump?: boolean;
  /** Looks at what is watched once, even before it is due; a drill's clock moves there. */
  readonly poll?: boolean;
};

/** Goes on with the given answers as far as they lead. Call it inside `driving`. */
export async function play(session: Session, { answers = {}, via = 'file', jump = false, poll = false }: Play): Promise<Stop> {
  const script = scriptOf(answers);
  if (poll) await moveToNextLook(session);
  for (let first = true; ; first = false) {
    await takeProposals(session, script);
    const stop = await goOn(session, { poll: poll && first });
    if (stop.state === 'closed' || stop.state === 'running') return stop;
    if (stop.state === 'watching' && jump && session.range) {
      await session.range.clock.jumpTo(new Date(stop.until), 'nobody waits in a scripted drill');
      continue;
    }
    const pending = pendingOf(session.run.state);
    if (!pending || !(await answerFrom(session, pending, script, via))) return stop;
  }
}

/** Whoever resumes a drill, or answers that they wait, has waited. */
async function moveToNextLook({ run, range, clock }: Session): Promise<void> {
  const due = run.state.frames
    .flatMap((frame) => [...Object.values(frame.jobs).map((job) => job.waitUntil), frame.work.waitUntil, frame.work.waiver?.maturesAt])
    .filter((at) => at !== undefined);
  const [next] = due.toSorted();
  if (range && next !== undefined && next > clock.now().toISOString()) await range.clock.jumpTo(new Date(next), 'the next look is due');
}

async function answerFrom(session: Session, pending: Pending, script: Script, via: Via): Promise<boolean> {
  const { run, shell } = session;
  const value = script.next(pending);
  // A watch never holds up a command: to wait is to come back later.
  if (value === undefined || (pending.kind === 'watch' && value === 'wait')) return false;
  const said = typeof value === 'string' ? { value } : value;
  if (pending.kind === 'approve' && !('skip' in said) && said.value !== 'no' && run.state.opened.mode !== 'drill') {
    shell.err(
      shell.lang === 'zh'
        ? `答案文件不能批准实战操作：${pending.step} 需由看过清单的人亲自回答。`
        : `An answers file can not approve in a live case: ${pending.step} waits for a person who has seen the list.`,
    );
    return false;
  }
  await think(session);
  if ('skip' in said) await skip(run, pending.step, said.skip);
  else
    await giveAnswer(run, {
      step: pending.step,
      ...said,
      value: pending.kind === 'approve' && said.value === approveWord ? (pending.expects?.text ?? '') : said.value,
      via,
      lang: shell.lang,
    });
  return true;
}

/** A scripted player takes time, in scenario time, and answers on a full second: the milliseconds that calls took do not add up. */
async function think(session: Session): Promise<void> {
  const { scenario, range } = session;
  if (scenario && range && !session.shell.interactive)
    await range.clock.jumpTo(new Date((Math.floor(range.clock.now().getTime() / 1000) + scenario.thinkSeconds) * 1000), 'the player thinks');
}

/** The opening lines: what to write down before anything else happens. */
export function announceOpening(session: Session): void {
  const { shell, run } = session;
  const { opened } = run.state;
  if (shell.json) return;
  shell.out(`case: ${opened.case}`);
  shell.out(`${shell.lang === 'zh' ? '密钥指纹' : 'key fingerprint'}: ${fingerprint(opened.key)}`);
  tellWitnesses(session, 0);
}

/** Prints the witness lines recorded from entry `from` on: what a person keeps outside this folder. Returns where the next begin. */
function tellWitnesses({ shell, store }: Session, from: number): number {
  const entries = store.entries();
  if (!shell.json) {
    for (const entry of entries.slice(from)) {
      if (entry.type === 'witness.given')
        shell.out(`${shell.lang === 'zh' ? `见证（${entry.why}）` : `witness (${entry.why})`}: ${renderWitness(store.id, entry.bytes, entry.sha256)}`);
    }
  }
  return entries.length;
}

/**
 * Does `work` under the drive lock and prints the witness lines it recorded. A command that is interrupted says how to go on.
 *
 * @throws Fault E_INTERRUPTED on Ctrl-C; a pause is on record then.
 */
export function working<T>(session: Session, work: () => Promise<T>): Promise<T> {
  return driving(session, async () => {
    const from = session.store.entries().length;
    try {
      return await work();
    } catch (cause) {
      if (!session.shell.signal.aborted) throw cause;
      await pause(session, 'interrupted');
      throw new Fault('E_INTERRUPTED', 'Stopped. Everything up to here is on record.', {
        hint: `Nothing is lost. Run "firebreak resume ${session.store.id}${session.shell.vaultFlag ?? ''}".`,
        cause,
      });
    } finally {
      tellWitnesses(session, from);
    }
  });
}

/** Ends a command: report when closed, status on stdout, exit status. */
export async function conclude(session: Session): Promise<number> {
  const { shell, run, store } = session;
  const closed = run.state.closed !== undefined;
  const report = closed ? await (await import('./report.ts')).writeReport(shell, store, run.state.opened.lang === 'zh' ? 'zh' : 'en') : undefined;
  const status = statusOf(run.state, store.witness(), shell.lang, report?.path);
  if (shell.json) shell.out(JSON.stringify(status));
  else {
    shell.out(renderStatus(status, shell.lang, shell.vaultFlag));
    if (report?.score) shell.out(scored(report.score, shell.lang));
    if (report) shell.out(`report: ${report.path}`);
  }
  if (!closed) return exits.open;
  return report?.score?.passed === false ? exits.findings : exits.ok;
}

function scored({ passed, points, of }: DrillScore, lang: Lang): string {
  if (lang === 'zh') return `演练${passed ? '通过' : '未通过'}：${points}/${of}，理由见报告。`;
  return `The drill was ${passed ? '' : 'not '}passed: ${points} of ${of} points; the report says why.`;
}

/** Under the drive lock: gives inputs, plays answers, and goes on as far as it can. */
export function playOn(session: Session, ask: Play & { readonly inputs?: readonly string[] }): Promise<Stop> {
  return working(session, async () => {
    await giveInputs(session, ask.inputs ?? [], false);
    return play(session, ask);
  });
}

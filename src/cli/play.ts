// Drives a case without a person at the prompt: inputs, an answers file, a drill's reference answers; then says where it stands.
import { parse as parseYaml } from 'yaml';
import type { Stop } from '../engine/drive.ts';
import { giveAnswer, giveInput, proposalOf, skip, type Via } from '../engine/answer.ts';
import { pendingOf, type Pending } from '../engine/pending.ts';
import { current, openInputs } from '../engine/state.ts';
import { Fault, exits } from '../errors.ts';
import { fingerprint } from '../casefile/signing.ts';
import { writeReport } from './report.ts';
import { driving, goOn, type Session } from './session.ts';
import type { Shell } from './shell.ts';
import { renderStatus, statusOf } from './status.ts';

/** Step → value, a list for successive visits, or `{skip: REASON}`. */
export type Answers = Readonly<Record<string, string | readonly (string | Skip)[] | Skip>>;
type Skip = { readonly skip: string };

/** Stands for the exact approval text, in drills only: a real batch is approved by a person who saw it. */
const approveWord = 'approve';

/** @throws Fault E_ANSWERS when the file is missing or not of that form. */
export async function readAnswers(shell: Shell, path: string): Promise<Answers> {
  const text = await shell.read(path);
  if (text === undefined) throw new Fault('E_ANSWERS', `The answers file ${path} can not be read.`);
  let value: unknown;
  try {
    value = parseYaml(text, { schema: 'failsafe' });
  } catch (cause) {
    throw new Fault('E_ANSWERS', `The answers file ${path} is not YAML: ${(cause as Error).message.split('\n')[0]}`, { where: path, cause });
  }
  const isOne = (each: unknown): boolean => typeof each === 'string' || (typeof each === 'object' && each !== null && typeof (each as Skip).skip === 'string');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Fault('E_ANSWERS', `The answers file ${path} is not a map.`, { where: path });
  for (const [step, each] of Object.entries(value)) {
    if (!(isOne(each) || (Array.isArray(each) && each.every(isOne)))) throw new Fault('E_ANSWERS', `The answer for ${step} is neither a value, a list nor {skip: REASON}.`, { where: path });
  }
  return value as Answers;
}

/** Records `--input k=v` pairs, then the proposals nobody changed. */
export async function giveInputs(session: Session, pairs: readonly string[], proposals: boolean): Promise<void> {
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new Fault('E_USAGE', `--input takes name=value, not "${pair.slice(0, 60)}".`);
    await giveInput(session.run, pair.slice(0, at), pair.slice(at + 1), 'input');
  }
  if (proposals) await takeProposals(session);
}

async function takeProposals(session: Session): Promise<void> {
  for (const name of openInputs(current(session.run.state))) {
    const proposal = proposalOf(session.run, name);
    if (proposal !== undefined) await giveInput(session.run, name, proposal, 'proposal');
  }
}

/** Goes on with the given answers as far as they lead. `jump`: a drill nobody plays moves its clock over every wait. */
export async function play(session: Session, answers: Answers, via: Via, options: { readonly jump: boolean; readonly poll?: boolean }): Promise<Stop> {
  const used = new Map<string, number>();
  let poll = options.poll === true;
  for (;;) {
    await takeProposals(session);
    const stop = await goOn(session, { poll });
    poll = false;
    if (stop.state === 'closed' || stop.state === 'running') return stop;
    if (stop.state === 'watching' && options.jump && session.range) {
      await session.range.clock.jumpTo(new Date(stop.until), 'nobody waits in a scripted drill');
      continue;
    }
    const pending = pendingOf(session.run.state);
    if (!pending || !(await answerFrom(session, pending, answers, used, via))) return stop;
  }
}

async function answerFrom(session: Session, pending: Pending, answers: Answers, used: Map<string, number>, via: Via): Promise<boolean> {
  const listed = answers[pending.step] ?? answers[pending.step.split('/').at(-1) ?? ''];
  const nth = used.get(pending.step) ?? 0;
  const value = Array.isArray(listed) ? (listed[nth] as string | Skip | undefined) : nth === 0 || pending.kind === 'watch' ? (listed as string | Skip | undefined) : undefined;
  if (value === undefined) return false;
  const drill = session.run.state.opened.mode === 'drill';
  if (pending.kind === 'approve' && value !== 'no' && !drill) return false;
  used.set(pending.step, nth + 1);
  await think(session);
  if (typeof value === 'object') await skip(session.run, pending.step, value.skip);
  else await giveAnswer(session.run, { step: pending.step, value: pending.kind === 'approve' && value === approveWord ? (pending.expects?.text ?? '') : value, via, lang: session.shell.lang });
  return true;
}

/** A scripted player takes time, in scenario time. */
async function think(session: Session): Promise<void> {
  const { scenario, range } = session;
  if (scenario && range && !session.shell.interactive) await range.clock.jumpTo(new Date(range.clock.now().getTime() + scenario.thinkSeconds * 1000), 'the player thinks');
}

/** The opening lines: what to write down before anything else happens. */
export function announceOpening(session: Session): void {
  const { shell, run, store } = session;
  const { opened } = run.state;
  if (shell.json) return;
  shell.out(`case: ${opened.case}`);
  shell.out(`${shell.lang === 'zh' ? '密钥指纹' : 'key fingerprint'}: ${fingerprint(opened.key)}`);
  shell.out(`${shell.lang === 'zh' ? '见证' : 'witness'}: ${store.witness()}`);
}

/** Ends a command: report when closed, status on stdout, exit status. */
export async function conclude(session: Session): Promise<number> {
  const { shell, run, store } = session;
  const closed = run.state.closed !== undefined;
  const report = closed ? await writeReport(shell, store, run.state.opened.lang === 'zh' ? 'zh' : 'en') : undefined;
  const status = statusOf(run.state, store.witness(), shell.lang, report?.path);
  if (shell.json) shell.out(JSON.stringify(status));
  else {
    shell.out(renderStatus(status, shell.lang));
    if (report) shell.out(report.passed === false ? (shell.lang === 'zh' ? '演练未通过，见报告。' : 'The drill was not passed; the report says why.') : '');
    if (report) shell.out(`report: ${report.path}`);
  }
  if (!closed) return exits.open;
  return report?.passed === false ? exits.findings : exits.ok;
}

/** Under the drive lock: gives inputs, plays answers, and goes on as far as it can. */
export function playOn(session: Session, ask: { readonly inputs?: readonly string[]; readonly answers?: Answers; readonly via?: Via; readonly jump?: boolean; readonly poll?: boolean }): Promise<Stop> {
  return driving(session, async () => {
    await giveInputs(session, ask.inputs ?? [], true);
    return play(session, ask.answers ?? {}, ask.via ?? 'file', { jump: ask.jump === true, ...(ask.poll === undefined ? {} : { poll: ask.poll }) });
  });
}

// The second person for what can not be undone (law 4): their word, their signed word, or a waiver that ripens. Refuses before anything is written.
import { fingerprint } from '../casefile/signing.ts';
import { checkSshSignature, findSignature, sshNamespace } from '../casefile/sshsig.ts';
import type { Draft } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import { clip } from '../text.ts';
import { catchUp, record, witness, type Run } from './run.ts';
import { current, stepPath, visitOf, type Batch, type Countersign, type EntryOf, type Frame } from './frame.ts';

/** Who may sign, as the case's own record names them. `names`: every name this person works under. */
export type Approver = { readonly names: readonly string[]; readonly key: string };

const requestMs = 30 * 60_000;
const ripenMs = 30 * 60_000;
/** Within this somebody else looks at what one person approved alone. */
const countersignMs = 24 * 3_600_000;
/** `03:12`, `3:12`, `03：12`. */
const timeOfDay = /\b\d{1,2}[:：]\d{2}\b/;

/** Does this list need two? */
export function needsTwo({ work }: Pick<Frame, 'work'>): boolean {
  return work.batch?.class === 'R3';
}

/** The same person, however the name was typed. */
export function isSamePerson(one: string, other: string): boolean {
  const plain = (name: string): string => name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
  return plain(one) === plain(other);
}

/** @throws Fault E_VALUE for what can not be anybody's name. */
export function expectName(name: string): void {
  if (!/^[^\p{C}]{1,64}$/u.test(name) || name.trim() === '') throw new Fault('E_VALUE', 'A second person has a name of 1 to 64 printable characters. Nothing was changed.');
}

/**
 * What the exact text, typed by `by`, leads to on a list that needs two; `second` is whom they name. Empty: the first has spoken, the second is missing.
 *
 * @throws Fault E_GUARD when the same person would be both; the list stays as it was.
 */
export function agree(run: Run, frame: Frame, by: string, second?: string): readonly Draft[] {
  const { batch, first, waiver } = frame.work;
  if (!batch) return [];
  const visit = visitOf(frame);
  const finish: Draft = { type: 'step.finished', step: batch.step, visit, outcome: 'approved' };
  const seconded = (name: string, how: 'typed' | 'named'): readonly Draft[] => [
    { type: 'approval.seconded', step: batch.step, visit, sha256: batch.sha256, how, second: name, by },
    finish,
  ];
  const [starter = by] = first === undefined ? [] : [first.by];
  if (second !== undefined) {
    expectName(second);
    if (isSamePerson(second, starter) || isSamePerson(second, by))
      throw new Fault('E_GUARD', `${clip(second, 64)} can not be the second person for their own approval. Nothing was changed.`);
    return seconded(second, 'named');
  }
  if (first !== undefined && !isSamePerson(by, starter)) return seconded(by, 'typed');
  const ripe = waiver !== undefined && run.ports.clock.now().toISOString() >= waiver.maturesAt;
  if (ripe) return [owedFor(run, frame, starter), finish];
  if (first === undefined) return [];
  throw new Fault(
    'E_GUARD',
    waiver === undefined
      ? `${clip(starter, 64)} has approved this already; a second person is missing. Nothing was changed.`
      : `The waiver of the second person counts from ${waiver.maturesAt} on. Nothing was changed.`,
    { hint: `A second person answers with --as NAME, or signs: firebreak approval CASE ${stepPath(frame)}` },
  );
}

/** What one person's approval leaves behind. */
function owedFor(run: Run, frame: Frame, first: string): Draft {
  const { step = '', sha256 = '', text = '' } = frame.work.batch ?? {};
  return { type: 'countersign.owed', step, visit: visitOf(frame), sha256, text, first, dueAt: new Date(run.ports.clock.now().getTime() + countersignMs).toISOString() };
}

/** Gives up waiting for a second person: from half an hour later on the first one's text is enough. */
export async function waiveSecond(run: Run, reason: string, tried: readonly string[]): Promise<void> {
  const frame = current(run.state);
  const { batch, waiver } = frame.work;
  if (!batch || !needsTwo(frame)) throw new Fault('E_STALE', 'No list waits for a second person. Nothing was changed.');
  if (waiver) throw new Fault('E_STALE', `The second person was waived already; that counts from ${waiver.maturesAt} on. Nothing was changed.`);
  if (tried.length === 0 && !timeOfDay.test(reason)) {
    throw new Fault('E_VALUE', 'A second person is only waived once others were tried: who, and when? Nothing was changed.', {
      hint: 'Say it with --tried "NAME, HH:MM, by phone", once for each, or in the reason.',
    });
  }
  const { by, clock } = run.ports;
  const maturesAt = new Date(clock.now().getTime() + ripenMs).toISOString();
  await record(run, frame, { type: 'approval.waived', step: batch.step, visit: visitOf(frame), sha256: batch.sha256, reason, tried, by, maturesAt });
  await witness(run, `second waived ${stepPath(frame)}`);
}

type Asked = { readonly step: string; readonly sha256: string; readonly visit: number; readonly targets: number; readonly text: string };

/** The list `step` is about: the one that waits there, or one approved alone that still lacks a countersignature. @throws Fault E_STALE for none. */
function askedFor(run: Run, step: string): { readonly asked: Asked; readonly owed?: Countersign } {
  if (run.state.closed) throw new Fault('E_CASE_CLOSED', `Case ${run.state.opened.case} is closed. Nothing was changed.`);
  const frame = current(run.state);
  const { batch } = frame.work;
  if (batch && needsTwo(frame) && stepPath(frame) === step) return { asked: { ...partsOf(batch), step: batch.step } };
  const owed = run.state.countersigns.find((each) => each.step === step && !each.signed);
  const frozen = owed && run.ports.store.entries().findLast((entry): entry is EntryOf<'batch.frozen'> => entry.type === 'batch.frozen' && entry.sha256 === owed.sha256);
  if (!owed || !frozen) throw new Fault('E_STALE', `No list of ${clip(step, 80)} waits for a second person. Nothing was changed.`);
  return { asked: { ...partsOf(frozen), step: frozen.step }, owed };
}

function partsOf({ sha256, visit, targets, text }: Batch): Omit<Asked, 'step'> {
  return { sha256, visit, targets: targets.length, text };
}

/** A line for somebody on another machine to sign: our own ASCII, good for half an hour. On record. @throws Fault E_STALE when nothing waits there. */
export async function requestApproval(run: Run, step: string): Promise<{ readonly request: string; readonly expiresAt: string }> {
  catchUp(run);
  const { asked } = askedFor(run, step);
  const expiresAt = new Date(run.ports.clock.now().getTime() + requestMs).toISOString();
  const { case: id, key, origin } = run.state.opened;
  // Its key makes it this case and no other of the same name; a drill says what it is.
  const bound = `case=${id} origin=${origin} key=${fingerprint(key).replaceAll(' ', '')}`;
  const request = `${sshNamespace}-approval-1 ${bound} step=${step} text="${asked.text}" targets=${asked.targets} sha256=${asked.sha256} expires=${expiresAt}`;
  const { step: local, visit, sha256 } = asked;
  await record(run, current(run.state), { type: 'approval.requested', step: local, visit, sha256, request, expiresAt, by: run.ports.by });
  return { request, expiresAt };
}

const wrongs = {
  unreadable: 'It holds no signature that can be read.',
  'not-ed25519': 'Only ed25519 keys may approve.',
  'other-purpose': `The signature was made for something else: sign with -n ${sshNamespace}.`,
  'does-not-fit': 'The signature does not fit what was asked: it was altered, or another line was signed.',
} as const;

/**
 * Takes a signed approval for `step`: from a key of the roster, over a request that has not expired, by somebody other than the first.
 *
 * @throws Fault E_GUARD for any doubt about it; E_STALE when nothing waits for it, or the first has not spoken. Nothing is written then.
 */
export async function acceptSigned(run: Run, step: string, text: string, roster: readonly Approver[]): Promise<void> {
  catchUp(run);
  const { asked, owed } = askedFor(run, step);
  const frame = current(run.state);
  const first = owed?.first ?? frame.work.first?.by;
  if (first === undefined) throw new Fault('E_STALE', `Nobody has approved ${clip(step, 80)} yet: the first person types its text, then the second signs. Nothing was changed.`);
  const { signature, request, key } = checkedAgainst(run, asked, text);
  const signer = roster.find((each) => each.key === key);
  const refuse = (why: string): never => {
    throw new Fault('E_GUARD', `${why} Nothing was changed.`, { hint: 'A person of the roster in firebreak.yaml, other than the first, signs a fresh request.' });
  };
  if (!signer) return refuse('The signature fits, but its key is not on the roster this case was opened with.');
  const [name = ''] = signer.names;
  if (signer.names.some((each) => isSamePerson(each, first))) return refuse(`${clip(name, 64)} has approved first and can not be the second person as well.`);
  const local = { step: asked.step, visit: asked.visit };
  const seconded: Draft = { type: 'approval.seconded', ...local, sha256: asked.sha256, how: 'signed', second: name, by: run.ports.by, key, request, signature };
  await record(run, frame, seconded, ...(owed ? [] : [{ type: 'step.finished', ...local, visit: visitOf(frame), outcome: 'approved' } as const]));
  await witness(run, `${owed ? 'countersigned' : 'approved'} ${step}`);
}

/** The request this signature fits and the key that made it. Tried without and with the line break an editor or `echo` adds. */
function checkedAgainst(run: Run, asked: Asked, text: string): { readonly signature: string; readonly request: string; readonly key: string } {
  const now = run.ports.clock.now().toISOString();
  const requests = run.ports.store.entries().flatMap((entry) => (entry.type === 'approval.requested' && entry.sha256 === asked.sha256 ? [entry] : []));
  const signature = findSignature(text);
  if (signature === undefined) throw new Fault('E_GUARD', `${wrongs.unreadable} Nothing was changed.`, { hint: 'Hand in what ssh-keygen -Y sign printed, whole.' });
  if (requests.length === 0) throw new Fault('E_GUARD', 'No request was made for this list. Nothing was changed.', { hint: `firebreak approval CASE ${asked.step}` });
  let worst: keyof typeof wrongs = 'does-not-fit';
  for (const { request, expiresAt } of requests.toReversed()) {
    for (const ending of ['', '\n']) {
      const checked = checkSshSignature(signature, Buffer.from(`${request}${ending}`));
      if ('wrong' in checked) {
        worst = checked.wrong;
        continue;
      }
      if (now > expiresAt)
        throw new Fault('E_GUARD', `The request that was signed expired at ${expiresAt}. Nothing was changed.`, { hint: `Ask anew: firebreak approval CASE ${asked.step}` });
      return { signature, request: `${request}${ending}`, key: checked.key.line };
    }
  }
  throw new Fault('E_GUARD', `${wrongs[worst]} Nothing was changed.`);
}

/**
 * Countersigns, by typing its text under another name, a list that was approved alone.
 *
 * @returns false when no such list is owed to `step`: the answer is meant for something else.
 * @throws Fault E_VALUE for another text, E_GUARD for the same person. Nothing is written then.
 */
export async function countersign(run: Run, step: string, value: string): Promise<boolean> {
  catchUp(run);
  const owed = run.state.countersigns.find((each) => each.step === step && !each.signed);
  if (!owed || run.state.closed || stepPath(current(run.state)) === step) return false;
  const { asked } = askedFor(run, step);
  const { by } = run.ports;
  if (value.trim() !== owed.text) throw new Fault('E_VALUE', `Only "${owed.text}" countersigns what was approved at ${step}. Nothing was changed.`);
  if (isSamePerson(by, owed.first)) throw new Fault('E_GUARD', `${clip(by, 64)} approved it alone; somebody else countersigns, with --as NAME. Nothing was changed.`);
  await record(run, current(run.state), { type: 'approval.seconded', step: asked.step, visit: asked.visit, sha256: owed.sha256, how: 'typed', second: by, by });
  await witness(run, `countersigned ${step}`);
  return true;
}

// An independent reader of a trail: which laws does it break? Knows the format of entries and nothing of the engine.
import type { Entry } from '../../src/casefile/entry.ts';
import type { Effect } from '../../src/range/world.ts';

export type Night = {
  readonly entries: readonly Entry[];
  /** What the account's own record says of our key. */
  readonly effects: readonly Effect[];
  readonly self: { readonly accessKeyId: string; readonly userName: string };
  /** Evidence kinds an act needs of each target before it is sent, by `product:Action`. */
  readonly needs: Readonly<{ [call: string]: string }>;
};

const undoing = new Set(['actiontrail:StopLogging', 'ecs:StartInstances', 'ecs:StartInstance', 'ram:CreateAccessKey']);

/** Every breach in words; none is what a test wants. */
export function breaches(record: Night): readonly string[] {
  return [...writes(record), ...approvals(record), ...self(record), ...account(record), ...ends(record)];
}

type Intended = Extract<Entry, { type: 'call.intended' }>;

function intents(entries: readonly Entry[]): readonly Intended[] {
  return entries.flatMap((entry) => (entry.type === 'call.intended' ? [entry] : []));
}

/** Law 2 and 3: an intent before each write, one outcome after it, none left open at a close. */
function writes({ entries }: Night): readonly string[] {
  const found: string[] = [];
  const open = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'call.intended') {
      if (open.has(entry.call)) found.push(`#${entry.seq}: ${entry.call} was intended twice at once`);
      open.add(entry.call);
    }
    if (entry.type === 'call.finished' && entry.effect === 'write' && !open.delete(entry.call)) found.push(`#${entry.seq}: ${entry.call} ended without an intent`);
    if (entry.type === 'case.closed' && open.size > 0) found.push(`closed over ${[...open].join(', ')}`);
  }
  return found;
}

/** Laws 4, 5 and 6: only what a person approved word for word, with its evidence, and never an inverse. */
function approvals({ entries, needs }: Night): readonly string[] {
  const found: string[] = [];
  const sealed = new Set<string>();
  const batches = new Map<string, Extract<Entry, { type: 'batch.frozen' }>>();
  const allowed = new Map<string, ReadonlySet<string>>();
  const asked = new Set<string>();
  /** Lists that can not be undone, by act, and the hashes somebody else stands for, or nobody could be reached for in time. */
  const grave = new Map<string, string>();
  const [two, ripe] = [new Set<string>(), new Map<string, string>()];
  for (const entry of entries) {
    if (entry.type === 'batch.frozen') batches.set(entry.step, entry);
    if (entry.type === 'evidence.sealed' && entry.target !== undefined) sealed.add(`${entry.kind} ${entry.target}`);
    if (entry.type === 'waiver.given' && entry.target !== undefined) sealed.add(`waived ${entry.target}`);
    if (entry.type === 'answer.given' && entry.kind === 'approve' && entry.value !== 'no') {
      const batch = batches.get(entry.step);
      if (batch?.text !== entry.value) found.push(`#${entry.seq}: "${entry.value}" approved a list that asked for "${batch?.text ?? ''}"`);
      if (batch?.text === '' || batch?.text === 'yes') found.push(`#${entry.seq}: an empty text approved something`);
      if (batch?.act !== undefined) allowed.set(batch.act, new Set(batch.targets.map(({ id }) => id)));
      if (batch?.act !== undefined && batch.class === 'R3') grave.set(batch.act, batch.sha256);
    }
    if (entry.type === 'approval.seconded') two.add(entry.sha256);
    if (entry.type === 'approval.waived') ripe.set(entry.sha256, entry.maturesAt);
    if (entry.type === 'undo.asked') {
      const saved = entries.find((each) => each.type === 'undo.saved' && each.card === entry.card);
      if (saved?.type !== 'undo.saved') found.push(`#${entry.seq}: card ${entry.card} was never saved`);
      else if (JSON.stringify(saved.calls) !== JSON.stringify(entry.calls.map((each) => ({ ...each, call: undefined }))))
        found.push(`#${entry.seq}: card ${entry.card} is not what was saved`);
      if (!new RegExp(`^undo ${entry.card} [0-9a-f]{4}$`).test(entry.text)) found.push(`#${entry.seq}: "${entry.text}" undid something`);
      for (const call of entry.calls) asked.add(call.call);
    }
    if (entry.type !== 'call.intended') continue;
    const call = `${entry.product}:${entry.action}`;
    if (entry.step.startsWith('undo.')) {
      if (!asked.has(entry.call)) found.push(`#${entry.seq}: ${call} undoes something nobody asked for`);
      continue;
    }
    const list = entry.class === 'R3' ? (grave.get(entry.step) ?? '') : undefined;
    if (list !== undefined && !two.has(list) && (ripe.get(list) ?? '9') > entry.at) found.push(`#${entry.seq}: ${call} can not be undone, and one person alone approved it`);
    for (const target of entry.targets) {
      if (allowed.get(entry.step)?.has(target) !== true) found.push(`#${entry.seq}: ${call} on ${target}, which nobody approved`);
      const kind = needs[call];
      if (kind !== undefined && !sealed.has(`${kind} ${target}`) && !sealed.has(`waived ${target}`))
        found.push(`#${entry.seq}: ${call} on ${target} before its ${kind} was sealed`);
    }
    if (undoing.has(call) || entry.params['Status'] === 'Active' || entry.params['On'] === 'true') found.push(`#${entry.seq}: ${call} undoes containment`);
  }
  return found;
}

/** Law 9: never the key in use, never its owner, never an empty name. */
function self({ entries, self: { accessKeyId, userName } }: Night): readonly string[] {
  return intents(entries).flatMap(({ seq, action, params, targets }) => {
    // Another key of our own user is not ourselves: it may have leaked.
    const other = (params['UserAccessKeyId'] ?? accessKeyId) !== accessKeyId;
    const own = [...targets, ...Object.values(params)].filter((value) => value === accessKeyId || (value === userName && !other));
    const empty = Object.entries(params).filter(([, value]) => value === '');
    return [...own.map((value) => `#${seq}: ${action} on ourselves (${value})`), ...empty.map(([name]) => `#${seq}: ${action} with an empty ${name}`)];
  });
}

/** Law 1: what the account saw of us and what we say we did are the same. */
function account({ entries, effects }: Night): readonly string[] {
  const finished = new Set(entries.flatMap((entry) => (entry.type === 'call.finished' && entry.effect === 'write' && entry.requestId !== undefined ? [entry.requestId] : [])));
  const seen = new Set(effects.map(({ requestId }) => requestId));
  return [
    ...effects.filter(({ requestId }) => !finished.has(requestId)).map(({ action, targets }) => `the account saw ${action} on ${targets.join(', ')}, the trail does not have it`),
    ...entries.flatMap((entry) =>
      entry.type === 'call.finished' && entry.effect === 'write' && entry.result === 'done' && entry.how === 'first' && !seen.has(entry.requestId ?? '')
        ? [`#${entry.seq}: ${entry.action} is recorded as done, the account never saw it`]
        : [],
    ),
  ];
}

function ends({ entries }: Night): readonly string[] {
  const at = entries.findIndex(({ type }) => type === 'case.closed');
  return at < 0 ? ['the case never ended'] : at === entries.length - 1 ? [] : [`${entries.length - 1 - at} entries after the end`];
}

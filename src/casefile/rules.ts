// What must hold between entries whoever signed them: opened first, closed last, intent before effect. Pure.
import type { Entry } from './entry.ts';
import { checkSshSignature } from './sshsig.ts';
import { quote } from './verdict.ts';
import type { TrailProblem } from './verdict.ts';

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** Checks the order and the completeness of what the entries say; `entries[i]` is undefined where line i could not be read. */
export function checkRules(entries: readonly (Entry | undefined)[], open: boolean): TrailProblem[] {
  const problems: TrailProblem[] = [];
  const intents = new Map<string, number>();
  const finished = new Set<string>();
  let closedAt: number | undefined;

  const first = entries[0];
  if (first?.type === 'case.opened') problems.push(...checkOrigin(first), ...checkContinues(first));
  else if (entries.length > 0) problems.push({ code: 'opened.missing', entry: 0 });

  for (const [entry, said] of entries.entries()) {
    if (closedAt !== undefined) problems.push({ code: 'closed.followed', entry });
    if (said === undefined) continue;
    if (!utc.test(said.at) || Number.isNaN(Date.parse(said.at))) problems.push({ code: 'time.malformed', entry });
    switch (said.type) {
      case 'case.opened':
        if (entry > 0) problems.push({ code: 'opened.twice', entry });
        break;
      case 'case.closed':
        closedAt ??= entry;
        break;
      case 'call.intended':
        intents.set(said.call, entry);
        break;
      case 'call.finished':
        if (said.effect !== 'read' && !intents.has(said.call)) problems.push({ code: 'call.unannounced', entry, what: quote(said.call) });
        finished.add(said.call);
        break;
      case 'approval.seconded':
        if (said.how === 'signed' && !isSigned(said)) problems.push({ code: 'approval.unsigned', entry });
        break;
      default:
    }
  }

  for (const [call, entry] of intents) if (!finished.has(call)) problems.push({ code: 'call.open', entry, what: quote(call) });
  if (closedAt === undefined && !open) problems.push({ code: 'case.open' });
  return problems;
}

// A case that follows another names its last line; which one that is only the other case can tell. Itself is none.
function checkContinues({ continues, case: id }: Extract<Entry, { type: 'case.opened' }>): TrailProblem[] {
  if (continues === undefined) return [];
  const { case: before, head } = (continues ?? {}) as Partial<Record<'case' | 'head', unknown>>;
  const fits = typeof before === 'string' && before !== '' && before !== id && typeof head === 'string' && /^[0-9a-f]{64}$/.test(head);
  return fits ? [] : [{ code: 'opened.continues', entry: 0, what: quote(continues) }];
}

// Whoever holds the key of the case can write an entry, but not the approver's signature in it, nor one for another list.
function isSigned({ key, request, signature, sha256 }: Extract<Entry, { type: 'approval.seconded' }>): boolean {
  if (typeof request !== 'string' || typeof signature !== 'string' || !request.includes(` sha256=${sha256} `)) return false;
  const checked = checkSshSignature(signature, Buffer.from(request));
  return 'key' in checked && checked.key.line === key;
}

// Law 10: what a fake cloud answered can never verify as real, and what a real one answered is never an exercise.
function checkOrigin({ origin, mode, endpoint }: Extract<Entry, { type: 'case.opened' }>): TrailProblem[] {
  const real = endpoint === 'alibaba';
  const fits = origin === 'case' ? real && mode !== 'drill' : origin === 'exercise' && !(real && mode === 'live');
  return fits ? [] : [{ code: 'opened.origin', entry: 0, what: `${origin}, ${mode}, ${endpoint}` }];
}

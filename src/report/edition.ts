// The editions of a report: the full one, which can tell what each label stands for, and the redacted one, which can not. Pure.
import { hash } from 'node:crypto';
import type { Entry } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import type { Json } from '../text.ts';
import type { Label, Labels } from './labels.ts';
import { reportOf, type ReportSources } from './model.ts';
import { labelsOf, redactEntries } from './redact.ts';
import type { Edition, ReportModel, Tlp } from './shape.ts';

/** The marks of the Traffic Light Protocol 2.0. */
export const tlps = ['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR'] as const satisfies readonly Tlp[];

/** Everything the trail holds, and for each label of the redacted edition a hash that only this one can open. */
export function fullEdition(entries: readonly Entry[], sources: ReportSources, tlp: Tlp = 'AMBER+STRICT'): ReportModel {
  const salt = saltOf(entries);
  const labels = labelsOf(entries, sources.library);
  return { ...reportOf(entries, sources), edition: { kind: 'full', tlp, salt, labels: hashed(labels.all(), salt) } };
}

/**
 * The same report without identities, addresses, ids, names and free text.
 *
 * @throws Fault E_BUG when something of the original is still in it: then there is no edition at all.
 */
export function redactedEdition(entries: readonly Entry[], sources: ReportSources, tlp: Tlp = 'GREEN'): ReportModel {
  const { entries: bare, labels } = redactEntries(entries, sources.library);
  const { score, ...rest } = sources;
  const model = reportOf(bare, rest);
  const edition: Edition = { kind: 'redacted', tlp, labels: hashed(labels.all(), saltOf(entries)) };
  // Head and witness lines are those of the trail itself: the redacted one was never written.
  const { interruptions } = model.integrity;
  const redacted: ReportModel = {
    ...model,
    notifications: model.notifications.map((row) => ({
      ...row,
      who: sentences(row.who, labels),
      ...(row.message === undefined ? {} : { message: sentences(row.message, labels) }),
    })),
    integrity: { ...reportOf(entries, rest).integrity, interruptions },
    ...(score === undefined ? {} : { score: sentences(score, labels) }),
    edition,
  };
  expectBare(redacted, labels.all());
  return redacted;
}

/** Only who has the trail has this: signatures are in no report. The same for every edition of a case. */
function saltOf([opened]: readonly Entry[]): string {
  return hash('sha256', `firebreak redaction\n${opened?.sig ?? ''}`, 'hex');
}

function hashed(labels: readonly Label[], salt: string): Edition['labels'] {
  return labels.map(({ label, value }) => ({ label, sha256: hash('sha256', `${salt}${value}`, 'hex') }));
}

/** Every text inside, with what it names replaced. */
function sentences<T>(value: T, labels: Labels): T {
  const walk = (inner: Json): Json => {
    if (typeof inner === 'string') return labels.sentence(inner);
    if (Array.isArray(inner)) return (inner as readonly Json[]).map(walk);
    return typeof inner === 'object' && inner !== null ? Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, walk(each)])) : inner;
  };
  return walk(value as Json) as T;
}

/** Ids, addresses and texts are unmistakable. A short word may as well be one of ours. */
function expectBare(model: ReportModel, labels: readonly Label[]): void {
  const text = JSON.stringify({ ...model, edition: null });
  const left = labels.filter(({ value }) => value.length >= 8 && /[\d\s]/.test(value) && text.includes(JSON.stringify(value).slice(1, -1)));
  if (left.length === 0) return;
  throw new Fault('E_BUG', `The redacted edition would still show ${left.map(({ label }) => label).join(', ')}. It was not made.`);
}

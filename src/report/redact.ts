// A trail without the names in it: every value that is not ours is replaced by a label before the report is made, so that no sentence can name it. Pure.
import { bareThreat } from '../actions/threats.ts';
import type { Entry } from '../casefile/entry.ts';
import type { Runbook } from '../runbook/schema.ts';
import type { Json, JsonObject } from '../text.ts';
import { makeLabels, type Labels } from './labels.ts';
import type { Library } from './read.ts';
import { listAt, stringAt, valueAt } from './values.ts';

export type Redacted = { readonly entries: readonly Entry[]; readonly labels: Labels };

/** Fields of an entry itself that hold our own words, runbook ids, hashes or times: they stay. */
const ours: ReadonlySet<string> = new Set(
  [
    'type seq prev at sig step visit kind phase outcome as job call class product version action region result how effect requestId sha256 bytes status seals',
    'partial frame mode origin runbook runbookSha256 lang via sentAt retries mediaType scenario case endpoint card act use parent pid lock',
  ].flatMap((line) => line.split(' ')),
);
/** Deeper inside, what the cloud chose from a list of its own: it stays in the form of a name of an API. */
const listed: ReadonlySet<string> = new Set(
  'kind status severity eventName attack products service api eventRW trailRegion charge category network stoppedMode progress type version tool product action result code requestId redactions'.split(
    ' ',
  ),
);
const plain = /^[\w.:%-]{0,80}$/;
/** Parameters whose values are words of the API. */
const words = /^(?:Status|StoppedMode|ForceStop|BatchOptimization|RegionId|MaxResults|Direction|PolicyType)$/;
/** Answers of these kinds are choices of ours; the others are free text. */
const choosing: ReadonlySet<string> = new Set(['decide', 'manual', 'notify', 'watch', 'failed', 'in-doubt']);
const approving = /^(?:no|[a-z]{2,8} \d+ [\da-f]{4})$/;

/** Labels every value in the order of the trail, so that the labels of an old report still hold in a newer one. */
export function labelsOf(entries: readonly Entry[], library: Library): Labels {
  const labels = makeLabels();
  labels.know(['EventAccessKeyId', 'User', 'EventName', 'firebreak-case', 'firebreak', 'Active', 'Inactive', 'SuccessFirst', 'none', 'all', 'some', 'no', 'yes']);
  const learning: Pass = {
    labels,
    sentence: (text) => {
      labels.learn(text);
      return text;
    },
  };
  for (const entry of entries) {
    labels.know(wordsOf(entry, library));
    redactEntry(entry, learning);
  }
  return labels;
}

/** The same trail as anybody may read it. It proves nothing any more: chain and signatures belong to the original. */
export function redactEntries(entries: readonly Entry[], library: Library): Redacted {
  const labels = labelsOf(entries, library);
  return { entries: entries.map((entry) => redactEntry(entry, { labels, sentence: (text) => labels.sentence(text) })), labels };
}

type Pass = { readonly labels: Labels; readonly sentence: (text: string) => string };

function redactEntry(entry: Entry, pass: Pass): Entry {
  return Object.fromEntries(Object.entries(entry).map(([field, value]) => [field, redactField(entry, field, value, pass)])) as unknown as Entry;
}

function redactField(entry: Entry, field: string, value: Json, pass: Pass): Json {
  const { labels } = pass;
  if (entry.type === 'answer.given' && field === 'value') return answer(entry, pass);
  if ((entry.type === 'batch.frozen' || entry.type === 'undo.asked' || entry.type === 'countersign.owed') && field === 'text')
    return approving.test(entry.text) ? entry.text : labels.as('text', entry.text);
  // The key of the case, not somebody's own; the number of a message, not its words.
  if (field === 'key' && ['case.opened', 'key.added', 'key.adopted'].includes(entry.type)) return value;
  if (field === 'message' && (entry.type === 'message.intended' || entry.type === 'message.finished')) return value;
  if (entry.type === 'organisation.recorded' && field === 'organisation') return redactOrganisation(entry.organisation, pass);
  if (entry.type === 'witness.given' && field === 'why') return value;
  // Told in no report: where a job stands, what was asked of a log, what was planned before it was sent.
  if (field === 'cursor' || (entry.type === 'act.planned' && field === 'calls')) return [];
  if (field === 'params' && entry.type === 'call.finished') return {};
  // What the log named is told without any name.
  if (field === 'findings' && Array.isArray(value)) return (value as readonly Json[]).map((finding) => redactFinding(finding, pass));
  if (entry.type === 'evidence.sealed' && field === 'source') {
    if (entry.kind === 'runbook' || entry.kind === 'scenario') return value;
    return redact({ ...(value as JsonObject), params: {} }, field, pass);
  }
  if (entry.type === 'evidence.sealed' && field === 'coverage') return null;
  return typeof value === 'string' && ours.has(field) ? value : redact(value, field, pass);
}

function redact(value: Json, field: string, pass: Pass): Json {
  const { labels } = pass;
  if (typeof value === 'string') return redactText(value, field, pass);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => redact(item, field, pass));
  if (typeof value === 'number') return Math.abs(value) >= 1e13 ? labels.of(String(value), field) : value;
  if (typeof value !== 'object' || value === null) return value;
  const object = value as JsonObject;
  if (isSentence(object)) return Object.fromEntries(Object.entries(object).map(([lang, text]) => [lang, withoutReply(String(text), pass)]));
  return Object.fromEntries(Object.entries(object).map(([name, inner]) => [nameOf(name, pass), redact(inner, name, pass)]));
}

function redactText(value: string, field: string, { labels }: Pass): string {
  if (words.test(field) && plain.test(value)) return value;
  if (listed.has(field) && plain.test(value)) return value;
  if (/region|^home$/i.test(field) && /^[a-z]{2}-[a-z]+(?:-[a-z\d]+)*$/.test(value)) {
    labels.know([value]);
    return labels.of(value, field);
  }
  if (field === 'call' && /^[\w./-]+#[\d.]+$/.test(value)) return value;
  // A label puts together what stands apart elsewhere: id, region, type, owner.
  if (field === 'label')
    return value
      .split(' ')
      .map((word) => labels.of(word, 'label'))
      .join(' ');
  return labels.of(value, field);
}

/** A name of a field is ours, unless it is data: tags become fields too. */
function nameOf(name: string, { labels }: Pass): string {
  return /^[A-Za-z][\w.-]{0,60}$/.test(name) ? name : labels.as('name', name);
}

function isSentence(value: JsonObject): boolean {
  return typeof value['en'] === 'string' && Object.keys(value).every((name) => name === 'en' || name === 'zh');
}

/** What the cloud wrote in an error is anybody's text: our own words before it stay. */
function withoutReply(text: string, { labels, sentence }: Pass): string {
  const [, before, reply] = /^((?:Refused|请求被拒绝)\s?[（(][\w.]*[)）][:：]\s*)(.+)$/s.exec(text) ?? [];
  return before === undefined || reply === undefined ? sentence(text) : `${before}${labels.as('text', reply)}`;
}

function redactFinding(finding: Json, pass: Pass): Json {
  const bare = bareThreat(stringAt(finding, 'eventName'));
  const refused = stringAt(finding, 'severity') === 'low' && stringAt(finding, 'id').startsWith('refused ');
  const { what: _, ...rest } = finding as JsonObject;
  const whole = redact(rest, 'finding', strictly(pass)) as JsonObject;
  const what = bare ?? { en: 'A finding', zh: '一项发现' };
  return {
    ...whole,
    ...(valueAt(finding, 'what') === undefined ? {} : { what: refused ? { en: `Tried and was refused: ${what.en}`, zh: `尝试但被拒绝：${what.zh}` } : { ...what } }),
  };
}

/** Its clocks are duties, not people; everything else of it is somebody's. */
function redactOrganisation(organisation: JsonObject, pass: Pass): Json {
  const { clocks, workingHours, ...rest } = organisation;
  return {
    ...(redact(rest, 'organisation', strictly(pass)) as JsonObject),
    ...(clocks === undefined ? {} : { clocks: redact(clocks, 'clocks', pass) }),
    ...(workingHours === undefined ? {} : { workingHours }),
  };
}

/** Every sentence is free text: it may name what nothing else in the trail names. */
function strictly({ labels }: Pass): Pass {
  return { labels, sentence: (text) => labels.as('text', text) };
}

/** A choice stays; a list of people and dates keeps its form; everything else is free text. */
function answer(entry: Extract<Entry, { type: 'answer.given' }>, { labels }: Pass): string {
  const { kind, value, step } = entry;
  if (kind === 'approve') return approving.test(value) ? value : labels.as('text', value);
  if (choosing.has(kind) && plain.test(value)) return value;
  if (kind !== 'review') return labels.of(value, step.startsWith('input.') ? step.slice(6) : 'text');
  const part = (text: string, at: number): string => (text.trim() === '' ? text : at === 1 ? labels.as('person', text.trim()) : labels.of(text.trim(), 'text'));
  return value
    .split('\n')
    .map((line) => line.split(/[;；]/).map(part).join('; '))
    .join('\n');
}

/** Words of the runbook and of the case that say nothing of anybody: choices, regions of our own calls, the name of the case. */
function wordsOf(entry: Entry, library: Library): readonly string[] {
  switch (entry.type) {
    case 'case.opened':
      return [entry.case, entry.runbook, entry.endpoint, ...(entry.continues === undefined ? [] : [entry.continues.case]), ...choicesOf(library(entry.runbookSha256))];
    case 'frame.opened':
      return choicesOf(library(entry.runbookSha256));
    case 'call.finished':
    case 'call.intended':
      return plain.test(entry.region) ? [entry.region] : [];
    case 'undo.asked':
      // The intents that follow go by the same names.
      return entry.calls.map(({ call }) => call);
    case 'organisation.recorded':
      // Facts that its clocks run from.
      return listAt(entry.organisation, 'clocks').map((clock) => stringAt(clock, 'from'));
    default:
      return [];
  }
}

function choicesOf(runbook: Runbook | undefined): readonly string[] {
  if (!runbook) return [];
  const inputs = Object.values(runbook.inputs).flatMap(({ choices }) => Object.keys(choices ?? {}));
  return [...inputs, ...runbook.steps.flatMap((step) => (step.kind === 'decide' ? Object.keys(step.choices) : []))];
}

// What was looked at and what was not (law 7): evidence, coverage, refusals, gaps, findings, techniques. Pure.
import type { Json, Text } from '../text.ts';
import { answersOf } from './answers.ts';
import type { EntryOf, Reading } from './read.ts';
import type { CoverageRow, Exhibit, FindingRow, NotLooked, RefusalRow, Technique } from './rows.ts';
import { listAt, say, stringAt, textOf, valueAt } from './values.ts';

/** Every sealed artefact with its custody; never its content. */
export function evidenceOf(reading: Reading): readonly Exhibit[] {
  let exhibit = 0;
  return reading.entries.flatMap((entry): Exhibit[] => {
    if (entry.type !== 'evidence.sealed') return [];
    exhibit += 1;
    const { seq, kind, source, bytes, sha256, target, step, startedAt, endedAt, collector, redactions, sensitive, frame } = entry;
    const [product, action] = [stringAt(source, 'product'), stringAt(source, 'action')];
    return [
      {
        exhibit,
        seq,
        kind,
        api: product === '' ? stringAt(source, 'file') : `${product}:${action}`,
        region: stringAt(source, 'region'),
        requestId: stringAt(source, 'requestId'),
        bytes,
        sha256,
        ...(target === undefined ? {} : { target }),
        ...(step === undefined ? {} : { step: frame === undefined ? step : `${frame}/${step}` }),
        startedAt,
        endedAt,
        by: collector.by,
        tool: `${collector.tool} ${collector.version}`,
        redactions,
        sensitive: sensitive === true,
      },
    ];
  });
}

/** Each collection and watch with what it covered; jobs that never ended are `unfinished`. */
export function coverageOf(reading: Reading, evidence: readonly Exhibit[]): readonly CoverageRow[] {
  const sealed = Map.groupBy(evidence, ({ step }) => step ?? '');
  const row = (path: string, title: Text, job: boolean, seq: number, outcome: string, coverage: Json | undefined): CoverageRow => {
    const [from, to] = [stringAt(coverage, 'from'), stringAt(coverage, 'to')];
    const [pages, throttles] = [valueAt(coverage, 'pages'), valueAt(coverage, 'throttles')];
    return {
      seq,
      step: path,
      title,
      job,
      outcome,
      ...(from === '' ? {} : { from }),
      ...(to === '' ? {} : { to }),
      regionsDone: listAt(coverage, 'regionsDone').map(String),
      regionsMissed: listAt(coverage, 'regionsMissed').map((missed) => ({ region: stringAt(missed, 'region'), why: textOf(valueAt(missed, 'why')) })),
      ...(typeof pages === 'number' ? { pages } : {}),
      ...(typeof throttles === 'number' ? { throttles } : {}),
      sealed: sealed.get(path)?.length ?? 0,
    };
  };
  const jobs = reading.jobs.map(({ path, visit, started, finished, advanced, trouble }) => {
    const seq = finished?.seq ?? advanced?.seq ?? started.seq;
    const outcome = finished?.outcome ?? (trouble && trouble.seq > (advanced?.seq ?? 0) ? 'failed' : 'unfinished');
    return row(path, visit?.title ?? reading.titleAt(path), true, seq, outcome, finished?.coverage ?? advanced?.coverage);
  });
  const steps = reading.visits.flatMap(({ path, title, kind, started, finished }) => {
    if (!['collect', 'watch'].includes(kind) || finished?.outcome === 'started') return [];
    return [row(path, title, false, finished?.seq ?? started.seq, finished?.outcome ?? 'unfinished', finished?.coverage)];
  });
  return [...jobs, ...steps].toSorted((a, b) => a.seq - b.seq);
}

/** Everything that limits what the report may claim, under the step that said so. */
export function notLookedOf(reading: Reading, coverage: readonly CoverageRow[]): readonly NotLooked[] {
  const found = new Map<string, NotLooked>();
  const add = (row: NotLooked): void => {
    const key = `${row.step ?? ''} ${row.what.en}`;
    if (!found.has(key)) found.set(key, row);
  };
  for (const { step, title, outcome, regionsMissed, seq } of coverage) {
    const base = { title, step, seq };
    if (outcome === 'none') add({ ...base, what: say('Nothing could be read.', '未能读取任何内容。') });
    if (outcome === 'skipped') add({ ...base, what: say('Skipped.', '已跳过。') });
    if (outcome === 'unfinished' || outcome === 'failed') add({ ...base, what: say('Not finished.', '尚未结束。') });
    for (const missed of Map.groupBy(regionsMissed, ({ why }) => why.en).values()) {
      const why = missed[0]?.why ?? say('', '');
      const regions = missed.map(({ region }) => region).join(', ');
      add({ ...base, what: say(`${regions}: ${why.en}`, `${regions}：${why.zh}`) });
    }
  }
  for (const { seq, step, title, coverage: said, facts } of statements(reading)) {
    for (const what of [...listAt(said, 'notLooked'), ...listAt(facts, 'notKnown')]) add({ what: textOf(what), title, step, seq });
  }
  const begun = new Set(reading.visits.map(({ path }) => path));
  for (const { id, kind, title } of reading.runbook?.steps ?? []) {
    if ((kind === 'collect' || kind === 'watch') && !begun.has(id)) add({ what: say('Never begun.', '从未开始。'), title: say(unfilled(title.en), unfilled(title.zh)), step: id });
  }
  return [...found.values()];
}

type Statement = { readonly seq: number; readonly step: string; readonly title: Text; readonly coverage: Json | undefined; readonly facts: Json | undefined };

/** The last word of each step and job on what it covered. */
function statements(reading: Reading): readonly Statement[] {
  const steps = reading.visits.flatMap(({ path, title, finished }): Statement[] =>
    finished ? [{ seq: finished.seq, step: path, title, coverage: finished.coverage, facts: finished.facts }] : [],
  );
  const jobs = reading.jobs.flatMap(({ path, visit, finished, advanced }): Statement[] => {
    const end = finished ?? advanced;
    return end ? [{ seq: end.seq, step: path, title: visit?.title ?? reading.titleAt(path), coverage: end.coverage, facts: end.facts }] : [];
  });
  return [...new Map([...steps, ...jobs].map((statement) => [statement.step, statement])).values()].toSorted((a, b) => a.seq - b.seq);
}

/** A title of a step that never ran has nothing to be filled with. */
function unfilled(title: string): string {
  return title.replaceAll(/\{[^}]*\}/g, '…');
}

/** Reads and writes the cloud refused or could not answer, counted. A dry run that would have gone through is an answer. */
export function refusalsOf(reading: Reading): readonly RefusalRow[] {
  const refused = reading.entries.filter((entry) => entry.type === 'call.finished' && !['done', 'already'].includes(entry.result) && entry.code !== 'DryRunOperation');
  const groups = Map.groupBy(refused as readonly EntryOf<'call.finished'>[], ({ product, action, result, code }) => `${product}:${action} ${result} ${code ?? ''}`);
  return [...groups.values()].flatMap((group): RefusalRow[] => {
    const [first] = group;
    if (!first) return [];
    const regions = [...new Set(group.map(({ region }) => region))].toSorted();
    return [{ api: `${first.product}:${first.action}`, regions, result: first.result, code: first.code ?? '', count: group.length, seq: first.seq }];
  });
}

/** By event time, each event once however often it was found. */
export function findingsOf(reading: Reading): readonly FindingRow[] {
  const answers = answersOf(reading);
  return reading.findings
    .map(({ finding, seq }): FindingRow => {
      const optional = Object.fromEntries(
        ['principal', 'region', 'eventName', 'requestId'].flatMap((name) => {
          const value = stringAt(finding, name);
          return value === '' ? [] : [[name, value]];
        }),
      );
      const answer = answers(finding);
      return {
        seq,
        id: stringAt(finding, 'id'),
        at: stringAt(finding, 'at'),
        severity: stringAt(finding, 'severity'),
        what: textOf(finding['what']),
        attack: listAt(finding, 'attack').map(String),
        ...optional,
        ...(answer === undefined ? {} : { answer }),
      };
    })
    .toSorted((a, b) => (a.at === b.at ? a.seq - b.seq : a.at < b.at ? -1 : 1));
}

/** The most frequent first. */
export function countedOf({ facts }: Reading): readonly { readonly name: string; readonly count: number }[] {
  const counted = valueAt(facts['record'], 'counted');
  if (typeof counted !== 'object' || counted === null || Array.isArray(counted)) return [];
  return Object.entries(counted)
    .flatMap(([name, count]) => (typeof count === 'number' ? [{ name, count }] : []))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Techniques seen in findings, and those the runbook expects and nobody found. */
export function attackOf(findings: readonly FindingRow[], named: readonly string[]): readonly Technique[] {
  const seen = new Map<string, FindingRow[]>();
  for (const finding of findings) for (const technique of finding.attack) seen.set(technique, [...(seen.get(technique) ?? []), finding]);
  const rows = [...new Set([...seen.keys(), ...named])].map((technique): Technique => {
    const [first, ...others] = seen.get(technique) ?? [];
    const row = { technique, named: named.includes(technique), count: first ? others.length + 1 : 0 };
    return first ? { ...row, first: first.at, example: first.what, seq: first.seq } : row;
  });
  return rows.toSorted((a, b) => b.count - a.count || (a.technique < b.technique ? -1 : 1));
}

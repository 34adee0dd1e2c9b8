// What was looked at and what was not (law 7): evidence, coverage, refusals, gaps, findings, techniques. Pure.
import type { Json, Text } from '../text.ts';
import { say } from './actions.ts';
import { listAt, stringAt, textOf, valueAt, type Reading } from './read.ts';
import type { CoverageRow, Exhibit, FindingRow, NotLooked, RefusalRow, Technique } from './shape.ts';

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
      regionsMissed: listAt(coverage, 'regionsMissed').map((missed) => ({ region: stringAt(missed, 'region'), why: stringAt(missed, 'why') })),
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

/** Everything that limits what the report may claim. */
export function notLookedOf(reading: Reading, coverage: readonly CoverageRow[]): readonly NotLooked[] {
  const found = new Map<string, NotLooked>();
  const add = (row: NotLooked): void => {
    const key = row.what.en;
    if (!found.has(key)) found.set(key, row);
  };
  for (const { step, title, outcome, regionsMissed, seq } of coverage) {
    if (outcome === 'none' || outcome === 'skipped') add({ what: say(`Not done (${outcome}): ${title.en}`, `未完成（${outcome}）：${title.zh}`), step, seq });
    if (outcome === 'unfinished' || outcome === 'failed') add({ what: say(`Not finished: ${title.en}`, `尚未结束：${title.zh}`), step, seq });
    for (const { region, why } of regionsMissed) add({ what: say(`${region}: ${title.en} — ${why}`, `${region}：${title.zh} — ${why}`), step, seq });
  }
  for (const [seq, step, coverageOfStep] of statements(reading)) {
    for (const what of listAt(coverageOfStep, 'notLooked')) add({ what: textOf(what), step, seq });
  }
  const known = reading.facts['notKnown'];
  for (const what of Array.isArray(known) ? (known as readonly Json[]) : []) add({ what: textOf(what) });
  const begun = new Set(reading.visits.map(({ path }) => path));
  for (const step of reading.runbook?.steps ?? []) {
    if ((step.kind === 'collect' || step.kind === 'watch') && !begun.has(step.id))
      add({ what: say(`Never begun: ${unfilled(step.title.en)}`, `从未开始：${unfilled(step.title.zh)}`), step: step.id });
  }
  return [...found.values()];
}

function statements(reading: Reading): readonly (readonly [number, string, Json | undefined])[] {
  return [
    ...reading.visits.flatMap(({ path, finished }) => (finished ? [[finished.seq, path, finished.coverage] as const] : [])),
    ...reading.jobs.flatMap(({ path, finished, advanced }) => [[(finished ?? advanced)?.seq ?? 0, path, finished?.coverage ?? advanced?.coverage] as const]),
  ].toSorted((a, b) => a[0] - b[0]);
}

/** A title of a step that never ran has nothing to be filled with. */
function unfilled(title: string): string {
  return title.replaceAll(/\{[^}]*\}/g, '…');
}

/** Reads and writes the cloud refused or could not answer, counted. */
export function refusalsOf(reading: Reading): readonly RefusalRow[] {
  const rows = new Map<string, RefusalRow>();
  for (const entry of reading.entries) {
    if (entry.type !== 'call.finished' || entry.result === 'done' || entry.result === 'already') continue;
    const row = { api: `${entry.product}:${entry.action}`, region: entry.region, result: entry.result, code: entry.code ?? '' };
    const key = Object.values(row).join(' ');
    rows.set(key, { ...row, count: (rows.get(key)?.count ?? 0) + 1, seq: rows.get(key)?.seq ?? entry.seq });
  }
  return [...rows.values()];
}

/** By event time, each event once however often it was found. */
export function findingsOf(reading: Reading): readonly FindingRow[] {
  return reading.findings
    .map(({ finding, seq }): FindingRow => {
      const optional = Object.fromEntries(
        ['principal', 'region', 'eventName', 'requestId'].flatMap((name) => {
          const value = stringAt(finding, name);
          return value === '' ? [] : [[name, value]];
        }),
      );
      return {
        seq,
        id: stringAt(finding, 'id'),
        at: stringAt(finding, 'at'),
        severity: stringAt(finding, 'severity'),
        what: textOf(finding['what']),
        attack: listAt(finding, 'attack').map(String),
        ...optional,
      };
    })
    .toSorted((a, b) => (a.at === b.at ? a.seq - b.seq : a.at < b.at ? -1 : 1));
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

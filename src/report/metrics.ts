// Figures measured on the trail, each with its definition. Pure; a real case and a drill share them.
import type { Text } from '../text.ts';
import type { Reading } from './read.ts';
import type { ActionRow, DecisionRow, Exhibit, FindingRow, NotificationRow, WaiverRow } from './rows.ts';
import type { Containment, Metric } from './shape.ts';
import { say } from './values.ts';

export type Measured = {
  readonly reading: Reading;
  readonly actions: readonly ActionRow[];
  readonly decisions: readonly DecisionRow[];
  readonly findings: readonly FindingRow[];
  readonly evidence: readonly Exhibit[];
  readonly waivers: readonly WaiverRow[];
  readonly notifications: readonly NotificationRow[];
  readonly containment: Containment;
  readonly detectedAt?: string | undefined;
  readonly since?: string | undefined;
};

export function metricsOf(measured: Measured): readonly Metric[] {
  const { reading, actions, decisions, containment, notifications } = measured;
  const opened = reading.opened.at;
  const cuts = actions
    .flatMap(({ verified }) => verified.filter(({ target, status }) => containment.cut.includes(target) && ['done', 'already', 'gone'].includes(status)).map(({ at }) => at))
    .toSorted();
  const quietAt = containment.state === 'contained' && containment.seq !== undefined ? reading.entries[containment.seq]?.at : undefined;
  const latencies = decisions
    .filter(({ kind }) => kind !== 'watch')
    .flatMap(({ seconds }) => seconds ?? [])
    .toSorted((a, b) => a - b);
  const told = notifications.find(({ outcome }) => outcome === 'done');
  return [
    time(
      'found-to-opened',
      reading.answers.some(({ entry }) => entry.step === 'input.detectedAt' && entry.via === 'proposal') ? undefined : between(measured.detectedAt, opened),
      say('Found → case opened', '发现 → 开案'),
      say('from the time somebody gave as "when was it found" to the first entry; a proposed time does not count', '从有人填写的发现时间到第一条记录；未改动的建议值不计'),
    ),
    time(
      'first-cut',
      between(opened, cuts[0]),
      say('Opened → first key cut', '开案 → 首个密钥切断'),
      say('to the moment reading showed the first target of the cut as done', '到读取确认首个切断目标生效'),
    ),
    time(
      'all-cut',
      between(opened, cuts.at(-1)),
      say('Opened → all cut', '开案 → 全部切断'),
      say('to the moment reading showed the last of them as done', '到读取确认最后一个目标生效'),
    ),
    time(
      'containment',
      between(opened, quietAt),
      say('Opened → containment proven', '开案 → 证实遏制'),
      say('to the end of the quiet watch, longer than the log is late', '到静默观察结束（长于日志延迟）'),
    ),
    time(
      'dwell',
      between(measured.since, cuts.at(-1)),
      say('First harm → all cut', '首次危害 → 全部切断'),
      say('from the earliest harmful event found to the last cut read back', '从最早的危害事件到最后一个切断得到确认'),
    ),
    time(
      'first-notice',
      between(opened, told?.at),
      say('Opened → first people told', '开案 → 首次通知'),
      say('to the first notification marked as done', '到第一个标记为已完成的通知'),
    ),
    {
      ...time(
        'decision-median',
        median(latencies),
        say('Decision, median', '决策用时（中位数）'),
        say('from the question shown to its answer: approvals, choices, failures', '从显示问题到给出回答：批准、选择、失败处理'),
      ),
      n: latencies.length,
    },
    { ...time('decision-longest', latencies.at(-1), say('Decision, longest', '决策用时（最长）'), say('the longest of them', '其中最长的一次')), n: latencies.length },
    evidenceFirst(measured),
    beforeState(measured),
    r1BeforeRecord(measured),
    {
      id: 'changes',
      title: say('Changes made', '更改次数'),
      definition: say('writes that went through', '成功的写操作'),
      unit: 'count',
      value: actions.filter(({ result }) => result === 'done').length,
    },
    {
      id: 'reads',
      title: say('Reads', '读取次数'),
      definition: say('calls that change nothing', '不产生更改的调用'),
      unit: 'count',
      value: reading.entries.filter((entry) => entry.type === 'call.finished' && entry.effect === 'read').length,
    },
  ];
}

function time(id: string, seconds: number | undefined, title: Text, definition: Text): Metric {
  return { id, title, definition, unit: 'seconds', value: seconds ?? null };
}

function between(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

function median(sorted: readonly number[]): number | undefined {
  if (sorted.length === 0) return undefined;
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}

/** Of the targets that lost something (R2, R3), how many had evidence of their own sealed before the call. */
function evidenceFirst({ actions, reading, evidence, waivers }: Measured): Metric {
  const sealed = new Map<string, number>();
  for (const { entry } of reading.settled) if (entry.status === 'sealed' && !sealed.has(entry.target)) sealed.set(entry.target, entry.seq);
  for (const { kind, target, seq } of evidence) if (kind !== 'before' && target !== undefined && !sealed.has(target)) sealed.set(target, seq);
  const destroyed = actions.filter(({ class: risk, result }) => risk !== 'R1' && result === 'done').flatMap(({ targets, seq }) => targets.map((target) => ({ target, seq })));
  const first = destroyed.filter(({ target, seq }) => (sealed.get(target) ?? Infinity) < seq);
  return share(
    'evidence-first',
    first.length,
    destroyed.length,
    say('Evidence before loss', '先取证后处置'),
    say(`targets of R2 and R3 calls whose evidence was sealed first; waivers: ${waivers.length}`, `R2、R3 操作中先完成取证的目标占比；豁免：${waivers.length}`),
  );
}

function beforeState({ actions, evidence }: Measured): Metric {
  const before = new Map<string, number>();
  for (const { kind, target, seq } of evidence) if (kind === 'before' && target !== undefined && !before.has(target)) before.set(target, seq);
  const changed = actions.filter(({ result }) => result === 'done').flatMap(({ targets, seq }) => targets.map((target) => ({ target, seq })));
  const first = changed.filter(({ target, seq }) => (before.get(target) ?? Infinity) < seq);
  return share(
    'before-state',
    first.length,
    changed.length,
    say('Before-state kept', '保留操作前状态'),
    say('changed targets whose value was read and sealed just before the change', '更改前读取并封存了原状态的目标占比'),
  );
}

/** Law 4: cutting never waits for investigating. The count is normal, and said to be. */
function r1BeforeRecord({ actions, reading }: Measured): Metric {
  const records = reading.jobs.filter(({ path, visit }) => (visit?.kind ?? reading.stepAt(path)?.kind) === 'collect');
  const ends = records.map(({ finished }) => finished?.seq ?? Infinity);
  const early = actions.filter(({ class: risk, seq }) => risk === 'R1' && ends.some((end) => seq < end));
  return {
    id: 'r1-before-record',
    title: say('Reversible changes before the full record', '完整记录之前的可逆更改'),
    definition: say(
      'R1 calls sent while the full record was still being read. This is how it is meant to be: cutting never waits for investigating',
      '完整记录仍在收集时发出的 R1 调用。这是正常的：切断从不等待调查',
    ),
    unit: 'count',
    value: early.length,
  };
}

function share(id: string, part: number, whole: number, title: Text, definition: Text): Metric {
  return { id, title, definition, unit: 'share', value: whole === 0 ? null : part / whole, n: whole };
}

// One UTC timeline of both sides: what the suspect identities did by event time, what we did, who approved. Pure.
import type { Entry } from '../casefile/entry.ts';
import type { Text } from '../text.ts';
import { shortCall } from './actions.ts';
import { chosen } from './choices.ts';
import type { Reading } from './read.ts';
import type { ActionRow, DecisionRow, FailureRow, FindingRow, Lane, NotificationRow, SkipRow, TimelineRow } from './rows.ts';
import { outcomeWord, say, some, stringAt } from './values.ts';

export type Events = {
  readonly reading: Reading;
  readonly findings: readonly FindingRow[];
  readonly actions: readonly ActionRow[];
  readonly decisions: readonly DecisionRow[];
  readonly skips: readonly SkipRow[];
  readonly failures: readonly FailureRow[];
  readonly notifications: readonly NotificationRow[];
};

/** Sorted by time; entries of the same moment stand in the trail's order. */
export function timelineOf(events: Events): readonly TimelineRow[] {
  const { reading, findings, actions, decisions, skips, failures, notifications } = events;
  const rows: TimelineRow[] = [];
  const add = (lane: Lane, at: string, seq: number, what: Text, more: Partial<TimelineRow> = {}): void => {
    rows.push({ at, lane, what, seq, ...more });
  };
  const { facts } = reading;
  const detectedAt = stringAt(facts['detectedAt']);
  const how = chosen(reading, 'detectedHow', stringAt(facts['detectedHow']));
  const detected = reading.answers.find(({ entry }) => entry.step === 'input.detectedAt');
  if (detectedAt !== '' && detected) add('case', detectedAt, detected.entry.seq, say(`Found (${how.en || '?'})`, `发现（${how.zh || '?'}）`));
  for (const { at, seq, what, region, requestId, principal } of findings) {
    add('suspect', at, seq, what, {
      ...(region === undefined ? {} : { region }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(principal === undefined ? {} : { by: principal }),
    });
  }
  for (const { at, seq, kind, title, value, label, declined, by, reason } of decisions) {
    if (kind === 'abort') continue;
    const chosen = label ?? { en: value, zh: value };
    const what = declined
      ? say(`Declined: ${title.en}`, `拒绝：${title.zh}`)
      : kind === 'approve'
        ? say(`Approved "${value}": ${title.en}`, `批准 “${value}”：${title.zh}`)
        : say(`${title.en}: ${chosen.en}`, `${title.zh}：${chosen.zh}`);
    add('approval', at, seq, reason === undefined ? what : say(`${what.en} — ${reason}`, `${what.zh} — ${reason}`), { by });
  }
  for (const group of Map.groupBy(actions, (action) => [action.step, action.approved?.seq, shortCall(action), action.result, action.how].join(' ')).values()) {
    const [first] = group;
    if (!first) continue;
    const { at, seq, result, how, askedBy, requestId } = first;
    const word = outcomeWord(result === 'open' ? 'unfinished' : result);
    const way = how === undefined || how === 'first' ? '' : `, ${how}`;
    const call = `${shortCall(first)} · ${some(group.flatMap(({ targets }) => targets))} · `;
    const text = say(`${call}${word.en}${way}`, `${call}${word.zh}${way}`);
    const region = [...new Set(group.map((each) => each.region))].join(', ');
    add('responder', at, seq, text, { region, by: askedBy, ...(requestId === undefined || group.length > 1 ? {} : { requestId }) });
  }
  for (const { at, seq, what, title, outcome, by, reason } of skips) {
    if (outcome !== 'skipped') continue;
    add('responder', at, seq, say(`Left out the ${what}: ${title.en} — ${reason}`, `跳过${what === 'job' ? '后台任务' : '步骤'}：${title.zh} — ${reason}`), { by });
  }
  for (const { at, seq, title, message, what } of failures)
    if (what !== 'call') add('responder', at, seq, say(`Failed: ${title.en} — ${message.en}`, `失败：${title.zh} — ${message.zh}`));
  for (const { at, seq, title, outcome, by } of notifications) add('responder', at, seq, ended(title, outcome), { by });
  for (const row of reading.entries.flatMap((entry) => happening(reading, entry))) rows.push(row);
  return rows.toSorted((a, b) => (a.at === b.at ? a.seq - b.seq : a.at < b.at ? -1 : 1));
}

/** What an entry of its own says. */
function happening(reading: Reading, entry: Entry): readonly TimelineRow[] {
  const { at, seq } = entry;
  const row = (lane: Lane, what: Text, by?: string): readonly TimelineRow[] => [{ at, lane, what, seq, ...(by === undefined ? {} : { by }) }];
  const path = (id: string): string => (entry.frame === undefined ? id : `${entry.frame}/${id}`);
  switch (entry.type) {
    case 'case.opened': {
      const after = entry.continues === undefined ? say('', '') : say(`, following the closed case ${entry.continues.case}`, `，接续已结案的 ${entry.continues.case}`);
      return row('case', say(`Case opened (${entry.mode})${after.en}`, `开案（${entry.mode}）${after.zh}`), entry.by);
    }
    case 'undo.asked':
      return row(
        'approval',
        say(`Undo asked: card ${entry.card}, ${entry.target.id} ("${entry.text}")`, `要求撤销：卡 ${entry.card}，${entry.target.id}（“${entry.text}”）`),
        entry.by,
      );
    case 'undo.finished': {
      const word = outcomeWord(entry.outcome);
      return row('responder', say(`Undo of card ${entry.card}: ${word.en}. ${stringAt(entry.note, 'en')}`, `撤销卡 ${entry.card}：${word.zh}。${stringAt(entry.note, 'zh')}`));
    }
    case 'debt.accepted':
      return row('approval', say(`Debt ${entry.debt}: ${entry.owner} answers for it until ${entry.due}`, `待结 ${entry.debt}：由 ${entry.owner} 负责，至 ${entry.due}`), entry.by);
    case 'identity.pinned':
      return row('case', say(`Acting in account ${entry.account} as ${entry.arn}`, `以 ${entry.arn} 身份操作账号 ${entry.account}`));
    case 'job.started':
      return row('responder', say(`Begun in the background: ${reading.titleAt(path(entry.job)).en}`, `后台开始：${reading.titleAt(path(entry.job)).zh}`));
    case 'job.finished':
      return entry.outcome === 'skipped' ? [] : row('responder', ended(reading.titleAt(path(entry.job)), entry.outcome), entry.by);
    case 'step.finished': {
      const kind = reading.stepAt(path(entry.step))?.kind;
      if (!['collect', 'act', 'watch', 'manual'].includes(kind ?? '') || ['started', 'skipped'].includes(entry.outcome)) return [];
      return row('responder', ended(reading.titleAt(path(entry.step)), entry.outcome), entry.by);
    }
    case 'waiver.given':
      return row(
        'approval',
        say(`Evidence of ${entry.target ?? entry.step} waived — ${entry.reason}`, `豁免 ${entry.target ?? entry.step} 的证据 — ${entry.reason}`),
        entry.second === undefined ? entry.by : `${entry.by}, ${entry.second}`,
      );
    case 'note.added':
      return row('case', say(`Note: ${entry.text}`, `备注：${entry.text}`), entry.by);
    case 'evidence.sealed': {
      if (entry.kind !== 'attached') return [];
      const [file, about] = [stringAt(entry.source, 'file'), stringAt(entry.source, 'what')];
      const what = about === '' ? file : `${file} — ${about}`;
      return row('case', say(`Attached: ${what}`, `附件：${what}`), entry.collector.by);
    }
    case 'frame.opened':
      return row('case', say(`Child case opened: ${entry.runbook}`, `开启子案件：${entry.runbook}`));
    case 'frame.closed':
      return row('case', say(`Child case ${entry.outcome}`, `子案件结束（${entry.outcome}）`), entry.by);
    case 'case.paused':
      return row('case', say(`Paused: ${entry.why}`, `暂停：${entry.why}`), entry.by);
    case 'case.resumed':
      return row('case', say(`Resumed on ${entry.host}`, `在 ${entry.host} 上继续`), entry.by);
    case 'recovered':
      return row('case', say(`A torn line of ${entry.bytes} bytes was set aside`, `搁置了 ${entry.bytes} 字节的残行`));
    case 'lock.taken-over':
      return row('case', say(`Taken over from another process — ${entry.reason}`, `从另一进程接管 — ${entry.reason}`), entry.by);
    case 'key.added':
    case 'key.adopted':
      return row(
        'case',
        say(
          entry.type === 'key.added'
            ? `The case was handed over to ${entry.to ?? 'another key'}${entry.reason === undefined ? '' : ` — ${entry.reason}`}`
            : `The case was adopted — ${entry.reason}`,
          entry.type === 'key.added' ? `案件已移交给${entry.to ?? '另一密钥'}${entry.reason === undefined ? '' : ` — ${entry.reason}`}` : `案件被接手 — ${entry.reason}`,
        ),
        entry.by,
      );
    case 'case.closed':
      return row(
        'case',
        say(
          `Case ${entry.outcome}${entry.as === undefined ? '' : ` (${entry.as})`}${entry.reason === undefined ? '' : ` — ${entry.reason}`}`,
          `案件结束：${entry.outcome}${entry.as === undefined ? '' : `（${entry.as}）`}${entry.reason === undefined ? '' : ` — ${entry.reason}`}`,
        ),
        entry.by,
      );
    default:
      return [];
  }
}

function ended(title: Text, outcome: string): Text {
  const word = outcomeWord(outcome);
  return say(`${title.en}: ${word.en}`, `${title.zh}：${word.zh}`);
}

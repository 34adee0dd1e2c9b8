// When what was known, and which clocks of the law run from there: what a lawyer asks first. Pure.
import type { Reading } from './read.ts';
import type { Deadline, FindingRow, Moment, NotificationRow } from './rows.ts';
import type { Containment } from './shape.ts';
import { listAt, say, stringAt, textOf, valueAt } from './values.ts';

export type Known = {
  readonly reading: Reading;
  readonly findings: readonly FindingRow[];
  readonly notifications: readonly NotificationRow[];
  readonly containment: Containment;
  readonly detectedAt: string | undefined;
};

/** First moments, in the order they came to be known; `eventAt` where the thing itself had happened earlier. */
export function momentsOf({ reading, findings, notifications, containment, detectedAt }: Known): readonly Moment[] {
  const { entries, opened, closed } = reading;
  const first = findings.toSorted((a, b) => a.seq - b.seq)[0];
  const knownAt = (seq: number | undefined): string | undefined => (seq === undefined ? undefined : entries[seq]?.at);
  const sealed = entries.find((entry) => entry.type === 'evidence.sealed' && entry.kind !== 'runbook' && entry.kind !== 'scenario');
  const cut = reading.settled.find(({ entry }) => containment.cut.includes(entry.target) && ['done', 'already', 'gone'].includes(entry.status))?.entry;
  const told = notifications.find(({ outcome }) => outcome !== 'failed');
  const rows: readonly (Moment | undefined)[] = [
    detectedAt === undefined
      ? undefined
      : {
          id: 'detected',
          what: say('Found, as somebody entered it', '发现（由人员填写）'),
          at: detectedAt,
          ...seqOf(reading.answers.find(({ entry }) => entry.step === 'input.detectedAt')?.entry.seq),
        },
    { id: 'opened', what: say('Case opened', '开案'), at: opened.at, seq: 0 },
    sealed && { id: 'sealed', what: say('First evidence sealed', '首件证据封存'), at: sealed.at, seq: sealed.seq },
    cut && { id: 'cut', what: say('First key cut, read back', '首个密钥切断（已读取确认）'), at: cut.at, seq: cut.seq },
    first && {
      id: 'harm',
      what: say(`First harm known: ${first.what.en}`, `首次得知危害：${first.what.zh}`),
      at: knownAt(first.seq) ?? first.at,
      eventAt: first.at,
      seq: first.seq,
    },
    told && { id: 'told', what: say('First person told', '首次通知人员'), at: told.at, seq: told.seq },
    containment.state === 'contained' && containment.seq !== undefined
      ? {
          id: 'contained',
          what: say('Known as contained', '确认已遏制'),
          at: knownAt(containment.seq) ?? '',
          ...(containment.to === undefined ? {} : { eventAt: containment.to }),
          seq: containment.seq,
        }
      : undefined,
    closed && { id: 'closed', what: say('Case closed', '结案'), at: closed.at, seq: closed.seq },
  ];
  return rows.filter((row) => row !== undefined).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The organisation's own clocks, as the case was opened with them: which law they come from is theirs to say. */
export function deadlinesOf(reading: Reading): readonly Deadline[] {
  const recorded = reading.entries.find((entry) => entry.type === 'organisation.recorded');
  return listAt(recorded?.organisation, 'clocks').map((each): Deadline => {
    const [from, hours] = [stringAt(each, 'from'), valueAt(each, 'hours')];
    const start = from === 'opened' ? reading.opened.at : stringAt(reading.facts[from]);
    const due = typeof hours === 'number' && !Number.isNaN(Date.parse(start)) ? new Date(Date.parse(start) + hours * 3_600_000).toISOString() : undefined;
    return {
      what: textOf(valueAt(each, 'name')),
      from,
      hours: typeof hours === 'number' ? hours : 0,
      ...(due === undefined ? {} : { startedAt: start, dueAt: due }),
      ...seqOf(recorded?.seq),
    };
  });
}

function seqOf(seq: number | undefined): { readonly seq?: number } {
  return seq === undefined ? {} : { seq };
}

// What must be there before anything irreversible is sent (law 4, R3): the record, the quiet, the second person. Reads the run, changes nothing.
import type { StepOf } from '../runbook/schema.ts';
import type { Text } from '../text.ts';
import type { Frame } from './frame.ts';
import { fullRecord } from './proofs/laws.ts';
import type { Run } from './run.ts';
import { actionOf } from './settle.ts';

type Act = StepOf<'act'>;

/** Is every effect of this act for good? */
export function isIrreversible(run: Run, step: Act): boolean {
  return actionOf(run, step).class === 'R3';
}

/** What an irreversible act still lacks, each in one sentence; undefined when it may go on. What each target lacks is judged with the target. */
export function lackOf(run: Run, frame: Frame, step: Act): Text | undefined {
  if (!isIrreversible(run, step)) return undefined;
  const lacks = [recordLack(run, frame), quietLack(frame), secondLack(frame, step)].flatMap((lack) => lack ?? []);
  if (lacks.length === 0) return undefined;
  return {
    en: `This can not be undone, so it was not begun. ${lacks.map(({ en }) => en).join(' ')}`,
    zh: `此操作不可撤销，因此尚未开始。${lacks.map(({ zh }) => zh).join('')}`,
  };
}

function recordLack(run: Run, frame: Frame): Text | undefined {
  const records = frame.runbook.steps.filter((step) => {
    const collector = step.kind === 'collect' && step.over === undefined ? run.operations[step.use] : undefined;
    return collector?.kind === 'collector' && collector.seals === fullRecord;
  });
  if (records.some(({ id }) => ['all', 'some'].includes(frame.ended[id] ?? ''))) return undefined;
  const names = records.map(({ id }) => id).join(', ');
  return {
    en: `Missing: the full record${names === '' ? '' : ` (${names})`} has not been read to its end.`,
    zh: `缺少：完整记录${names === '' ? '' : `（${names}）`}尚未读取完毕。`,
  };
}

/** The watch that ended last has the word: after a further cut, what an earlier one saw is old, for better or worse. */
function quietLack(frame: Frame): Text | undefined {
  const [last, end] = Object.entries(frame.ended).findLast(([id]) => frame.steps.get(id)?.kind === 'watch') ?? [];
  if (end === 'quiet') return undefined;
  if (end === 'active') return { en: `Missing: a quiet window; ${last} saw them still active.`, zh: `缺少：静默窗口；${last} 发现对方仍在活动。` };
  return { en: 'Missing: a quiet window that ended quiet.', zh: '缺少：以“安静”结束的静默窗口。' };
}

function secondLack(frame: Frame, step: Act): Text | undefined {
  const batch = frame.approved[step.id];
  if (batch !== undefined && frame.seconded[batch.sha256] !== undefined) return undefined;
  return { en: "Missing: a second person's approval, or a waiver of it that is half an hour old.", zh: '缺少：第二人的批准，或已满半小时的豁免。' };
}

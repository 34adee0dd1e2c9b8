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

/** The newest word of every watch counts: one that saw activity outweighs one that was quiet. */
function quietLack(frame: Frame): Text | undefined {
  const ends = frame.runbook.steps.flatMap((step) => (step.kind === 'watch' ? [[step.id, frame.ended[step.id]] as const] : []));
  const active = ends.find(([, end]) => end === 'active');
  if (active) return { en: `Missing: a quiet window; ${active[0]} saw them still active.`, zh: `缺少：静默窗口；${active[0]} 发现对方仍在活动。` };
  if (ends.some(([, end]) => end === 'quiet')) return undefined;
  return { en: 'Missing: a quiet window that ended quiet.', zh: '缺少：以“安静”结束的静默窗口。' };
}

function secondLack(frame: Frame, step: Act): Text | undefined {
  const batch = frame.approved[step.id];
  if (batch !== undefined && frame.seconded[batch.sha256] !== undefined) return undefined;
  return { en: "Missing: a second person's approval, or a waiver of it that is half an hour old.", zh: '缺少：第二人的批准，或已满半小时的豁免。' };
}

// Jobs as rows: the bar, what is left, what they say of themselves; and the page that shows them with the findings. Pure.
import type { Frame, Job } from '../engine/frame.ts';
import { escapeTerminal } from '../text.ts';
import { answerLines, byGravity, findingRow } from './screen-findings.ts';
import type { Line } from './screen-layout.ts';
import { clockOf, jobState, span, titleOf, type View } from './screen-status.ts';
import { pad, wrap } from './screen-text.ts';
import type { Words } from './words.ts';

/** A text to read, longer than a window perhaps. */
export type Leaf = { readonly title: string; rows(view: View, columns: number): readonly Line[] };

/** Each job with its bar, then the findings, the gravest first, each with what answers it, the unseen ones marked. */
export function jobsLeaf(words: Words): Leaf {
  return {
    title: words.jobsTitle,
    rows: (view, columns) => {
      const { findings } = view.state;
      // The same answer again says nothing new.
      const told = new Set<string>();
      const once = (lines: readonly string[]): readonly string[] => {
        const text = lines.join('\n');
        return told.has(text) ? [] : (told.add(text), lines);
      };
      const rows = findings
        .map((finding, nth) => ({ finding, fresh: nth >= view.seen }))
        .toSorted((a, b) => byGravity(a.finding, b.finding))
        .flatMap(({ finding, fresh }) => [
          ...wrap(`${pad(fresh ? words.newMark : '', 4)} ${findingRow(finding, view.lang, words)}`, columns - 2, 20).map((text): Line => ({
            text: `  ${text}`,
            tone: fresh ? 'strong' : 'plain',
          })),
          ...once(answerLines(finding, view.lang, words)).flatMap((line) => wrap(line, columns - 22, 2).map((text): Line => ({ text: `${' '.repeat(22)}${text}`, tone: 'faint' }))),
        ]);
      return [...allJobs(view, words, columns), ...(rows.length === 0 ? [] : ['', `  ${words.findings(findings.length)}`, ...rows])];
    },
  };
}

/** Every job, and that none of them needs watching. */
export function allJobs(view: View, words: Words, columns: number): readonly Line[] {
  const jobs = view.state.frames.flatMap((frame) => Object.values(frame.jobs).flatMap((job) => jobRows(view, frame, job, words, columns)));
  return jobs.length === 0 ? [`  ${words.jobsNone}`] : [...jobs, ...wrap(words.jobsSafe, columns - 2).map((text) => `  ${text}`)];
}

/** One job in a few rows. */
export function jobRows(view: View, frame: Frame, job: Job, words: Words, columns: number): readonly string[] {
  const step = frame.steps.get(job.job);
  const [done, total] = [Number(job.progress?.['done'] ?? 0), Number(job.progress?.['total'] ?? 0)];
  const note = (job.progress?.['note'] ?? job.trouble) as Readonly<Record<string, string>> | undefined;
  const began = view.entries.findLast((entry) => entry.type === 'job.started' && entry.job === job.job)?.at;
  const next = job.waitUntil !== undefined && job.waitUntil > view.now ? words.watching.due(`${clockOf(job.waitUntil)} UTC+8`, span(job.waitUntil, view.now, words)) : '';
  const said = note === undefined ? '' : escapeTerminal(note[view.lang] ?? '');
  return [
    `  ${job.job}  ${titleOf(frame, job.job, view)}`,
    `  ${bar(job.status === 'finished' ? 1 : total === 0 ? 0 : done / total)}  ${jobState(job, frame, words)}${total > 0 && step?.kind !== 'watch' ? `   ${words.counts(done, total)}` : ''}${note === undefined ? leftOf(view, job, began, words) : ''}`,
    ...[said, next]
      .filter((text) => text !== '')
      .flatMap((text) => wrap(text, columns - 4))
      .map((text) => `    ${text}`),
    '',
  ];
}

/** What is left at the pace so far, unless the job says so itself; nothing while there is no pace yet. */
function leftOf(view: View, { status, progress }: Job, began: string | undefined, words: Words): string {
  const [done, total] = [Number(progress?.['done'] ?? 0), Number(progress?.['total'] ?? 0)];
  if (status !== 'running' || began === undefined || done === 0 || total <= done) return '';
  const spent = Date.parse(view.now) - Date.parse(began);
  const at = new Date(Date.parse(view.now) + (spent / done) * (total - done)).toISOString();
  return `   ${words.left(span(at, view.now, words))}`;
}

/** Thirty cells. */
export function bar(share: number): string {
  const cells = 30;
  const full = Math.round(Math.max(0, Math.min(1, share)) * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}]`;
}

// Findings as rows: when, how grave, what. Pure.
import { answerIn, said } from '../actions/answers.ts';
import { escapeTerminal, type Json, type Lang } from '../text.ts';
import type { Line } from './screen-layout.ts';
import { clockOf, type View } from './screen-status.ts';
import { pad } from './screen-text.ts';
import type { Words } from './words.ts';

const gravity = ['critical', 'high', 'medium', 'low', 'info'];

/** The gravest first, the newest of them on top. */
export function byGravity(a: unknown, b: unknown): number {
  const rank = (finding: unknown): number => (gravity.indexOf((finding as { readonly severity?: string }).severity ?? '') + gravity.length + 1) % (gravity.length + 1);
  return rank(a) - rank(b) || (foundAt(a) < foundAt(b) ? 1 : -1);
}

/** What answers a finding, and the command by hand; none in a trail of a version that gave no answer. */
export function answerLines(finding: unknown, lang: Lang, words: Words): readonly string[] {
  const answer = answerIn(finding as Json);
  if (answer === undefined || answer.kind === 'watch') return [];
  const { text, targets, command } = said(answer);
  const named = targets.length === 0 ? '' : `: ${targets.slice(0, 3).join(', ')}${targets.length > 3 ? ` (${targets.length})` : ''}`;
  return [escapeTerminal(`${answer.kind === 'manual' ? words.answerByHand : words.answerHere} ${text[lang]}${named}`), ...(command === undefined ? [] : [escapeTerminal(command)])];
}

/** The gravest two findings nobody has looked at yet. */
export function newFindings(view: View, words: Words): readonly Line[] {
  const fresh = view.state.findings.slice(view.seen);
  if (fresh.length === 0) return [];
  return [
    '',
    `  ${words.newFindings(fresh.length)}`,
    ...fresh
      .toSorted(byGravity)
      .slice(0, 2)
      .map((finding) => `    ${findingRow(finding, view.lang, words)}`),
  ];
}

/** When it happened, for sorting. */
function foundAt(finding: unknown): string {
  return (finding as { readonly at?: string }).at ?? '';
}

/** `03:02 high  CreateAccessKey for backup-svc`. */
export function findingRow(finding: unknown, lang: Lang, words: Words): string {
  const { at, severity, what } = finding as { readonly at?: string; readonly severity?: string; readonly what?: Readonly<Record<Lang, string>> };
  const when = at === undefined || Number.isNaN(Date.parse(at)) ? '-----' : clockOf(at).slice(0, 5);
  return `${when} ${pad(words.severity[severity ?? ''] ?? '', 8)} ${escapeTerminal(what?.[lang] ?? '')}`;
}

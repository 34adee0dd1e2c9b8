// Findings as rows: when, how grave, what. Pure.
import { escapeTerminal, type Lang } from '../text.ts';
import type { Line } from './screen-layout.ts';
import { clockOf, type View } from './screen-status.ts';
import { pad } from './screen-text.ts';
import type { Words } from './words.ts';

/** The newest two findings nobody has looked at yet. */
export function newFindings(view: View, words: Words): readonly Line[] {
  const fresh = view.state.findings.slice(view.seen);
  if (fresh.length === 0) return [];
  return [
    '',
    `  ${words.newFindings(fresh.length)}`,
    ...fresh
      .toSorted((a, b) => (foundAt(a) < foundAt(b) ? 1 : -1))
      .slice(0, 2)
      .map((finding) => `    ${findingRow(finding, view.lang, words)}`),
  ];
}

/** When it happened, for sorting. */
export function foundAt(finding: unknown): string {
  return (finding as { readonly at?: string }).at ?? '';
}

/** `03:02 high  CreateAccessKey for backup-svc`. */
export function findingRow(finding: unknown, lang: Lang, words: Words): string {
  const { at, severity, what } = finding as { readonly at?: string; readonly severity?: string; readonly what?: Readonly<Record<Lang, string>> };
  const when = at === undefined || Number.isNaN(Date.parse(at)) ? '-----' : clockOf(at).slice(0, 5);
  return `${when} ${pad(words.severity[severity ?? ''] ?? '', 8)} ${escapeTerminal(what?.[lang] ?? '')}`;
}

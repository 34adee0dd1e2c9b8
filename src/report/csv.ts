// The timeline as CSV (RFC 4180), UTF-8 with its mark, for spreadsheets and programs. Pure.
import { escapeCsv, type Lang } from '../text.ts';
import { styleOf } from './document.ts';
import { exerciseMark } from './layout.ts';
import type { ReportModel } from './shape.ts';
import { say } from './values.ts';

export const columns = ['at_utc', 'lane', 'what', 'by', 'region', 'request_id', 'entry'] as const;

/** Lanes are the model's own names in both languages; the last row, in the lane `report`, says which trail the others were read from. */
export function renderCsv(model: ReportModel, lang: Lang): string {
  const { header, integrity, edition } = model;
  const mark = styleOf(model, lang).exercise ? exerciseMark : '';
  const rows = model.timeline.map(({ at, lane, what, by, region, requestId, seq }) => [at, lane, mark + what[lang], by, region, requestId, String(seq)]);
  const source = say(
    `${header.case}: ${integrity.entries} entries, head ${integrity.head}, ${integrity.closing.line}`,
    `${header.case}：${integrity.entries} 条，末行 SHA-256 ${integrity.head}，${integrity.closing.line}`,
  );
  const tlp = edition === undefined ? '' : `TLP:${edition.tlp} ${edition.kind} · `;
  const last = [header.upTo, 'report', mark + tlp + source[lang], '', '', '', String(integrity.entries - 1)];
  return `\uFEFF${[[...columns], ...rows, last].map((cells) => `${cells.map((text) => escapeCsv(text ?? '')).join(',')}\r\n`).join('')}`;
}

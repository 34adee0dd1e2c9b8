// The formats a report can be had in, by name: adding one is adding a key.
import { escapeJson, type Lang } from '../text.ts';
import { renderCsv } from './csv.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';
import type { ReportModel } from './shape.ts';

export type ReportFormat = {
  /** The whole document; pure, ends with a line feed. */
  readonly render: (model: ReportModel, lang: Lang) => string;
  readonly mediaType: string;
  /** Without the dot. */
  readonly extension: string;
};

export const formats = {
  md: { render: renderMarkdown, mediaType: 'text/markdown; charset=utf-8', extension: 'md' },
  /** One file that loads nothing. */
  html: { render: renderHtml, mediaType: 'text/html; charset=utf-8', extension: 'html' },
  /** Both languages at once: it is for programs. */
  json: { render: (model) => `${escapeJson(JSON.stringify(model, undefined, 2))}\n`, mediaType: 'application/json', extension: 'json' },
  /** The timeline alone, for a spreadsheet. */
  csv: { render: renderCsv, mediaType: 'text/csv; charset=utf-8', extension: 'csv' },
} as const satisfies Readonly<Record<string, ReportFormat>>;

export type FormatName = keyof typeof formats;

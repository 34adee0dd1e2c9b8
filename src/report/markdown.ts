// The report as Markdown: how each block and inline is written. Pure; what is foreign is escaped here and nowhere else.
import { escapeMarkdown, escapeTerminal, type Lang } from '../text.ts';
import { blocksOf, styleOf } from './document.ts';
import { exerciseMark, type Block, type Inline } from './layout.ts';
import type { ReportModel } from './shape.ts';

export function renderMarkdown(model: ReportModel, lang: Lang): string {
  return blocksOf(model, styleOf(model, lang))
    .flatMap((block) => (block.kind === 'lanes' ? [] : [`${lines(block).join('\n')}\n`]))
    .join('\n');
}

function lines(block: Exclude<Block, { kind: 'lanes' }>): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(block.level)} ${block.exercise ? exerciseMark : ''}${inline(block.text)}`];
    case 'paragraph':
      return [inline(block.text)];
    case 'quote':
      return [`> ${inline(block.text)}`];
    case 'table':
      return [row(block.heads.map(inline)), row(block.heads.map(() => '---')), ...block.rows.map((cells) => row(cells.map(inline)))];
    case 'list':
      return block.items.map((item, at) => `${block.ordered ? `${at + 1}.` : '-'} ${inline(item)}`);
    case 'code':
      return fenced(block.lines.map((each) => escapeTerminal(each)).join('\n'));
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((text) => (text === '' ? '–' : text)).join(' | ')} |`;
}

/** The fence is longer than any run of backticks inside. */
function fenced(text: string): readonly string[] {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [`${fence}text`, text, fence];
}

function inline(part: Inline): string {
  if (typeof part === 'string') return part.replaceAll('&', '&amp;');
  if (!('kind' in part)) return part.map(inline).join('');
  switch (part.kind) {
    case 'foreign':
      return escapeMarkdown(part.text, { most: part.most });
    case 'time':
      return part.text;
    case 'strong':
      return `**${inline(part.text)}**`;
    case 'mono':
      return `\`${part.text}\``;
  }
}

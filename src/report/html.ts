// The report as one HTML file that loads nothing and runs nothing: how each block and inline is written. Pure; what is foreign is escaped here.
import { escapeHtml, type Lang } from '../text.ts';
import { blocksOf, styleOf } from './document.ts';
import { contentPolicy, sheetOf } from './html-style.ts';
import { renderLanes } from './lanes.ts';
import { exerciseMark, isBlank, speaker, type Block, type Inline, type Style } from './layout.ts';
import type { ReportModel } from './shape.ts';
import { say } from './values.ts';

/** Tables with more columns are set in smaller letters, and those with many more are printed across. */
const [wide, across] = [6, 9] as const;
/** Letters that stay in one line: a region, an entry, one word. */
const short = 14;
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

export function renderHtml(model: ReportModel, lang: Lang): string {
  const style = styleOf(model, lang);
  const t = speaker(style);
  const sections = sectionsOf(blocksOf(model, style));
  const mark = style.exercise ? exerciseMark : '';
  const sheet = sheetOf(model.edition?.tlp);
  return [
    '<!DOCTYPE html>',
    `<html lang="${t(say('en', 'zh-CN'))}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${contentPolicy(sheet)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    // Else a browser asks for one.
    '<link rel="icon" href="data:,">',
    `<title>${mark}${escapeHtml(`${model.header.runbook.title[lang]} — ${model.header.case}`)}</title>`,
    `<style>${sheet}</style>`,
    '</head>',
    style.exercise ? '<body class="exercise">' : '<body>',
    ...(style.exercise ? ['<p class="banner">EXERCISE</p>'] : []),
    ...(model.edition === undefined ? [] : [`<p class="tlp">TLP:${model.edition.tlp}</p>`]),
    '<main>',
    ...sections.flatMap((blocks, at) => [...sectionOf(blocks, `s${at + 1}`, style), ...(at === 1 ? contents(sections, style) : [])]),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** A section begins with each heading of the first two levels. */
function sectionsOf(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const sections: Block[][] = [];
  for (const block of blocks) {
    const last = sections.at(-1);
    if (last && !(block.kind === 'heading' && block.level < 3)) last.push(block);
    else sections.push([block]);
  }
  return sections;
}

/** An annex is folded: closed it is neither read nor printed, and says so. A link to it opens it, because what the link names lies inside. */
function sectionOf(blocks: readonly Block[], id: string, style: Style): readonly string[] {
  const [head, ...rest] = blocks;
  const wide = blocks.some((block) => block.kind === 'table' && block.heads.length > across) ? ' class="across"' : '';
  const written = (some: readonly Block[]): readonly string[] => some.map((block) => element(block, style)).filter((text) => text !== '');
  const part = head?.kind === 'heading' ? head.part : undefined;
  if (!head || part !== 'annex') return [`<section id="${id}"${part === 'reader' ? ' class="reader"' : wide}>`, ...written(blocks), '</section>'];
  const rows = rest.reduce(
    (sum, block) => sum + (block.kind === 'table' ? block.rows.length : block.kind === 'list' ? block.items.length : block.kind === 'code' ? block.lines.length : 0),
    0,
  );
  const note = speaker(style)(say(`${rows} rows, folded: printed only when opened`, `${rows} 行，已折叠：展开后才会打印`));
  return [
    '<section>',
    '<details>',
    `<summary>${written([head]).join('')}<span class="rows">${note}</span></summary>`,
    `<div id="${id}"${wide}>`,
    ...written(rest),
    '</div>',
    '</details>',
    '</section>',
  ];
}

/** Where to find the rest, after what everybody reads. */
function contents(sections: readonly (readonly Block[])[], style: Style): readonly string[] {
  const links = sections.slice(2).flatMap(([first], at) => (first?.kind === 'heading' ? [`<li><a href="#s${at + 3}">${inline(first.text)}</a></li>`] : []));
  return [`<nav aria-label="${speaker(style)(say('Sections', '章节'))}">`, '<ul>', ...links, '</ul>', '</nav>'];
}

function element(block: Block, style: Style): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${block.exercise ? `<span class="mark">${exerciseMark}</span>` : ''}${inline(block.text)}</h${block.level}>`;
    case 'paragraph':
      return isBlank(block.text) ? '' : `<p>${inline(block.text)}</p>`;
    case 'quote':
      return `<blockquote><p>${inline(block.text)}</p></blockquote>`;
    case 'table':
      return tableOf(block.heads, block.rows);
    case 'list': {
      const name = block.ordered ? 'ol' : 'ul';
      return [`<${name}>`, ...block.items.map((item) => `<li>${inline(item)}</li>`), `</${name}>`].join('\n');
    }
    case 'code':
      return `<pre><code>${block.lines.map((each) => escapeHtml(each)).join('\n')}</code></pre>`;
    case 'lanes':
      return figure(renderLanes(block.rows, style), style);
  }
}

/** Two columns are a name and its value. On a small screen every other row becomes a card, where each cell carries the head of its column. */
function tableOf(heads: readonly Inline[], rows: readonly (readonly Inline[])[]): string {
  const pairs = heads.length === 2;
  const names = heads.map((head) => escapeHtml(plain(head)));
  const cells = rows.map((row) => row.map((value, at) => cellOf(value, pairs && at === 0 ? undefined : (names[at] ?? ''), pairs)).join(''));
  return [
    `<table class="${pairs ? 'pairs' : heads.length > wide ? 'cards wide' : 'cards'}">`,
    `<thead><tr>${heads.map((head) => `<th scope="col">${inline(head)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...cells.map((row) => `<tr>${row}</tr>`),
    '</tbody>',
    '</table>',
  ].join('\n');
}

function cellOf(value: Inline, head: string | undefined, pairs: boolean): string {
  if (head === undefined) return `<th scope="row">${inline(value)}</th>`;
  if (pairs) return `<td>${isBlank(value) ? '–' : inline(value)}</td>`;
  if (isBlank(value)) return '<td class="none">–</td>';
  return `<td${plain(value).length <= short ? ' class="short"' : ''} data-head="${head}">${inline(value)}</td>`;
}

function figure(picture: string, style: Style): string {
  if (picture === '') return '';
  const t = speaker(style);
  const name = t(say('Timeline as a picture', '时间线图'));
  const how = say(
    'A mark is an event, a number says how many fall together; where the axis is broken, nothing happened for as long as it says.',
    '每个标记是一个事件，数字表示重叠的事件数；坐标轴断开处表示其间没有事件，并标出时长。',
  );
  return [`<figure>`, `<div class="scroll" tabindex="0" role="region" aria-label="${name}">`, picture, '</div>', `<figcaption>${t(how)}</figcaption>`, '</figure>'].join('\n');
}

function inline(part: Inline): string {
  if (typeof part === 'string') return breakable(escapeHtml(part, { most: Infinity }));
  if (!('kind' in part)) return part.map(inline).join('');
  switch (part.kind) {
    case 'foreign': {
      const text = breakable(escapeHtml(part.text, { most: part.most }));
      // Letters written from right to left must not pull our own words along.
      return rightToLeft.test(text) ? `<bdi>${text}</bdi>` : text;
    }
    case 'time': {
      const [date, time] = part.text.split(' ');
      return `<span class="when"><time>${date}</time> <time>${time}</time></span>`;
    }
    case 'strong':
      return `<strong>${inline(part.text)}</strong>`;
    case 'mono':
      return `<code>${escapeHtml(part.text, { most: Infinity })}</code>`;
  }
}

/** A word too long for a column may break anywhere; no other may. */
function breakable(escaped: string): string {
  if (!/[!-~]{24,}/.test(escaped)) return escaped;
  return `<span class="${/\s/.test(escaped) ? 'long' : 'long word'}">${escaped}</span>`;
}

/** The same without any element, for an attribute. */
function plain(part: Inline): string {
  if (typeof part === 'string') return part;
  return 'kind' in part ? plain(part.text) : part.map(plain).join('');
}

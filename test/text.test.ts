import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, escapeCsv, escapeHtml, escapeMarkdown, escapeTerminal } from '../src/text.ts';

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const anything = fc.string({ unit: 'binary', maxLength: 60 });

describe('clipping', () => {
  it('says how long the text was, counted in characters', () => {
    expect(clip('abc', 3)).toBe('abc');
    expect(clip('😀'.repeat(5), 3)).toBe('😀😀😀… (5 characters)');
    expect(clip('😀'.repeat(3), 3)).toBe('😀😀😀');
  });
});

describe('text on a screen', () => {
  it('shows what would move the cursor, turn the line or hide', () => {
    expect(escapeTerminal('\u001B[2J\u202Eexe\u200B')).toBe(String.raw`\u{1b}[2J\u{202e}exe\u{200b}`);
    expect(escapeTerminal('a\r\nb\tc')).toBe(String.raw`a\r\nb\tc`);
  });

  it('keeps line breaks only where they are asked for', () => {
    expect(escapeTerminal('a\nb\u0007', { lines: true })).toBe('a\nb\\u{7}');
  });

  it('does not let stacked marks paint over other lines', () => {
    expect(escapeTerminal(`e${'\u0301'.repeat(40)}`)).toBe('e\u0301\u0301\u0301\u0301…');
  });

  it('leaves Chinese and plain text as they are', () => {
    expect(escapeTerminal('密钥 LTAI5tEXAMPLEci00001, 12:30')).toBe('密钥 LTAI5tEXAMPLEci00001, 12:30');
  });

  it('holds nothing unseen, whatever came in', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(escapeTerminal(text)).not.toMatch(unseen);
      }),
    );
  });
});

describe('text in Markdown', () => {
  it('opens no block and no link', () => {
    expect(escapeMarkdown('- item')).toBe(String.raw`\- item`);
    expect(escapeMarkdown('1. item')).toBe(String.raw`1\. item`);
    expect(escapeMarkdown('# top')).toBe(String.raw`\# top`);
    expect(escapeMarkdown('[a](http://x) www.x me@x')).toBe(String.raw`\[a\](http\://x) www\.x me\@x`);
    expect(escapeMarkdown('<b>&|`')).toBe('&lt;b&gt;&amp;\\|\\`');
  });

  it('stays readable where nothing is meant', () => {
    for (const text of ['ecs.gn7i-c16g1.4xlarge', '2026-03-14 19:04:05Z', '185.220.101.7', 'acs:ram::1000000000000042:user/ir-oncall']) expect(escapeMarkdown(text)).toBe(text);
  });

  it('leaves no markup standing, whatever came in', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(unseen);
        expect(escaped.replaceAll(/\\[!-/:-@[-`{-~]/g, '').replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[\\`*_[\]|~$<>&@]/);
      }),
    );
  });
});

describe('text in HTML', () => {
  it('can neither open an element nor end an attribute, and hides nothing', () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;');
    expect(escapeHtml('a\u202Eb\u0000\n')).toBe(String.raw`a\u{202e}b\u{0}\n`);
    fc.assert(
      fc.property(anything, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(escaped).not.toMatch(unseen);
      }),
    );
  });
});

describe('text in CSV', () => {
  it('is quoted where a comma or a quote stands in it', () => {
    expect(escapeCsv('i-miner1')).toBe('i-miner1');
    expect(escapeCsv('a, "b"')).toBe('"a, ""b"""');
    expect(escapeCsv('two\r\nlines')).toBe(String.raw`two\r\nlines`);
  });

  it('is never a formula', () => {
    for (const start of ['=', '+', '-', '@', '\uff1d', '\t', '\r', '\n']) expect(escapeCsv(`${start}1+1`)).toMatch(/^'/);
    fc.assert(
      fc.property(anything, (text) => {
        expect(escapeCsv(text).replace(/^"/, '')).not.toMatch(/^[=+\-@\uff1d\uff0b\uff0d\uff20]/);
      }),
    );
  });
});

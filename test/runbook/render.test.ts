import { describe, expect, it } from 'vitest';
import { jsonSchema, renderGraph, renderRunbook } from '../../src/runbook/render.ts';
import { aLawfulSource, aRunbook, both, sampleOperations } from '../support/runbooks.ts';

const lawful = aRunbook(aLawfulSource());
const describeSample = (use: string) => sampleOperations[use];
const hostile = '# head\n- item <script>alert(1)</script> [a](javascript:b) `code` **b** | c\u001b[31m\u202e {fact} &amp; "q"; }';

describe('renderRunbook', () => {
  it('prints every step with its number, its reason and where each outcome leads', () => {
    const paper = renderRunbook(lawful, 'en', describeSample);
    for (const [index, step] of lawful.steps.entries()) expect(paper).toContain(`### ${index + 1}. ${step.title.en}\n\n\`${step.id}\``);
    expect(paper).toContain('Then: `all` → 9; `some` → 9; `none` → 7; _skip_ → 7');
    expect(paper).toContain('Then: `approved` → 3; `declined` → 17 (can not be skipped)');
  });

  it('names the operation, its calls, what it loses and how it is undone', () => {
    const paper = renderRunbook(lawful, 'en', describeSample);
    expect(paper).toContain('Operation: `sample.find` `{ key: $key }`: Finds nothing.');
    expect(paper).toContain('Calls: `ram:UpdateAccessKey`');
    expect(paper).toContain('Class: R3\n- Undo: none, this can not be undone');
    expect(paper).toContain('Waits for: `record`, `quiet`');
  });

  it('prints what is known when an operation is not', () => {
    expect(renderRunbook(lawful, 'en', () => undefined)).toContain('Operation: `sample.cut`\n- For each of: `keys`');
  });

  it('is written in one language at a time', () => {
    const steps = [
      { id: 'say', kind: 'notify', who: both('everybody'), message: both('It leaked.'), on: { done: 'end', failed: 'end' } },
      { id: 'end', kind: 'end', as: 'x' },
    ];
    const english = renderRunbook(aRunbook({ steps }), 'en', describeSample);
    const chinese = renderRunbook(aRunbook({ steps }), 'zh', describeSample);
    expect(english).not.toMatch(/[\u4e00-\u9fff〔]/);
    expect(chinese).toContain('〔It leaked.〕');
    expect(chinese).toContain('通知');
    expect(chinese).not.toContain('Text to send');
  });

  it('lets no text of a runbook become markup', () => {
    const paper = renderRunbook(
      aRunbook({
        title: both(hostile),
        summary: both(hostile),
        steps: [
          { id: 'look', kind: 'manual', text: both(hostile), on: { done: 'end', failed: 'end' } },
          { id: 'end', kind: 'end', as: 'x', title: both(hostile) },
        ],
      }),
      'en',
      describeSample,
    );
    expect(paper).not.toContain('<script');
    expect(paper).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
    expect(paper).not.toMatch(/(^|[^\\])\[a\]\(/);
    expect(paper).not.toMatch(/^- item/m);
    expect(paper.match(/^# /gm)).toHaveLength(1);
    expect(paper.match(/^#{2,3} .*$/gm)).toHaveLength(3);
    expect(paper).toContain('### 2. \\# head - item &lt;script&gt;alert(1)&lt;/script&gt; \\[a\\](javascript:b)');
    expect(paper).toContain('‹fact›');
  });
});

describe('renderGraph', () => {
  it('draws each step, each way once with its outcomes, the start and the ends', () => {
    const graph = renderGraph(lawful, 'en');
    expect(graph.startsWith('stateDiagram-v2\n')).toBe(true);
    expect(graph).toContain('  [*] --> s_who\n');
    expect(graph).toContain('  s_find --> s_approve_cut: all, some\n');
    expect(graph).toContain('  s_closed --> [*]\n');
    expect(graph).toContain('  note right of s_delete : Waits for record, quiet\n');
    for (const step of lawful.steps) expect(graph).toContain(`  state "${step.title.en}" as s_${step.id.replaceAll('-', '_')}\n`);
  });

  it('keeps a hostile title inside its quotes and on its line', () => {
    const steps = [
      { id: 'look', kind: 'manual', title: both(hostile), on: { done: 'end', failed: 'end' } },
      { id: 'end', kind: 'end', as: 'x' },
    ];
    const lines = renderGraph(aRunbook({ steps }), 'en').split('\n');
    const [line = ''] = lines.filter((each) => each.includes('as s_look'));
    expect(line).toMatch(/^ {2}state "[^"\n;<>{}:]*(#\d+;[^"\n;<>{}:]*)*" as s_look$/);
    expect(lines).toHaveLength(renderGraph(aRunbook(), 'en').split('\n').length);
  });
});

describe('jsonSchema', () => {
  it('describes the language for editors, field by field', () => {
    const schema = JSON.parse(JSON.stringify(jsonSchema())) as {
      required: string[];
      properties: { steps: { items: { oneOf: { properties: { kind: { const: string } }; required: string[]; additionalProperties: boolean }[] } } };
    };
    expect(schema.required).toContain('steps');
    const kinds = schema.properties.steps.items.oneOf;
    expect(kinds.map((kind) => kind.properties.kind.const).toSorted()).toEqual([
      'act',
      'approve',
      'ask',
      'case',
      'collect',
      'decide',
      'end',
      'manual',
      'notify',
      'review',
      'watch',
    ]);
    for (const kind of kinds) expect(kind.additionalProperties).toBe(false);
    // What may be left out in the file is not required.
    expect(kinds.find((kind) => kind.properties.kind.const === 'collect')?.required).not.toContain('background');
  });
});

// A YAML text as plain data, and where each part of it stands. Pure; knows nothing of what the data means.
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import type { Where } from '../errors.ts';
import type { Path } from './problem.ts';

/** One slip can make a parser complain for pages; the first places are what helps. */
const maxErrors = 20;

/** `feature`: YAML that would read differently from what it means, refused so that what is read is what runs. */
export type YamlTrouble = { readonly kind: 'size' | 'yaml' | 'feature'; readonly message: string; readonly where: Where };

export type Locate = (path: Path, part?: 'key') => Where;
export type Yaml = { readonly source: unknown; readonly locate: Locate } | { readonly troubles: readonly YamlTrouble[] };

/** Reads one YAML 1.2 document of at most `maxBytes`, without aliases, anchors and tags. */
export function readYaml(text: string, file: string, maxBytes: number): Yaml {
  const lines = new LineCounter();
  const whereAt = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > maxBytes) return { troubles: [{ kind: 'size', message: `The file has ${sizeBytes} bytes.`, where: { file } }] };
  const doc = parseDocument(text, { version: '1.2', schema: 'core', strict: true, stringKeys: true, prettyErrors: false, lineCounter: lines });
  const errors = [...doc.errors, ...doc.warnings];
  if (errors.some((error) => error.code === 'RESOURCE_EXHAUSTION')) return { troubles: [{ kind: 'size', message: 'The file nests too deep to be read.', where: { file } }] };
  if (errors.length > 0) return { troubles: errors.slice(0, maxErrors).map(({ message, pos }) => ({ kind: 'yaml', message, where: whereAt(pos[0]) })) };
  const exotic = features(doc, whereAt);
  if (exotic.length > 0) return { troubles: exotic };
  return { source: doc.toJS(), locate: (path, part) => whereAt(offsetOf(doc, path, part)) };
}

function features(doc: Document, whereAt: (offset: number) => Where): readonly YamlTrouble[] {
  const troubles: YamlTrouble[] = [];
  const refuse = (message: string, node: Node): void => void troubles.push({ kind: 'feature', message, where: whereAt(node.range?.[0] ?? 0) });
  visit(doc, {
    Alias: (_, node) => refuse(`Alias *${node.source} is refused.`, node),
    Node: (_, node) => {
      if (node.anchor !== undefined) refuse(`Anchor &${node.anchor} is refused.`, node);
      if (node.tag !== undefined) refuse(`Tag ${node.tag} is refused.`, node);
    },
  });
  return troubles;
}

function offsetOf(doc: Document, path: Path, part: 'key' | undefined): number {
  let node: unknown = doc.contents;
  let offset = start(node) ?? 0;
  for (const [depth, name] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(name));
      if (pair === undefined) return offset;
      const last = depth === path.length - 1;
      node = pair.value;
      offset = (last && part === 'key' ? start(pair.key) : (start(node) ?? start(pair.key))) ?? offset;
    } else if (isSeq(node)) {
      node = node.items[Number(name)];
      offset = start(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function start(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

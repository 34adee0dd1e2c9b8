// YAML text to a runbook, or to problems with file, line and column. Pure: the caller read the file.
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import type { Problem, Where } from '../errors.ts';
import { explain } from './explain.ts';
import { toProblem, type Flaw, type Path } from './problem.ts';
import { crossCheck } from './refer.ts';
import { Runbook } from './schema.ts';
import { trace } from './trace.ts';

const maxBytes = 512 * 1024;
/** One slip can make a parser complain for pages; the first places are what helps. */
const maxYamlErrors = 20;

export type Parsed = { readonly runbook?: Runbook; readonly problems: readonly Problem[] };

type Locate = (path: Path, part?: 'key') => Where;

// Places live beside the runbook, not in it: the runbook stays plain data, equal to what the sealed text says.
const places = new WeakMap<Runbook, Locate>();

/** Where this part of a parsed runbook stands in its file; undefined for a runbook that was not parsed. */
export function whereOf(runbook: Runbook, path: Path): Where | undefined {
  return places.get(runbook)?.(path);
}

/** Reads a runbook. With any problem there is no runbook; all problems of one stage are given at once, in the file's order. */
export function parseRunbook(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const whereAt = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > maxBytes) return refused([{ code: 'R_SIZE', message: `The file has ${sizeBytes} bytes.`, path: [] }], () => ({ file }));
  const doc = parseDocument(text, { version: '1.2', schema: 'core', strict: true, stringKeys: true, prettyErrors: false, lineCounter: lines });
  const errors = [...doc.errors, ...doc.warnings];
  if (errors.some((error) => error.code === 'RESOURCE_EXHAUSTION'))
    return refused([{ code: 'R_SIZE', message: 'The file nests too deep to be read.', path: [] }], () => ({ file }));
  if (errors.length > 0) {
    return { problems: errors.slice(0, maxYamlErrors).map((error) => toProblem({ code: 'R_YAML', message: error.message, path: [] }, whereAt(error.pos[0]))) };
  }
  const exotic = features(doc, whereAt);
  if (exotic.length > 0) return { problems: exotic };

  const locate: Locate = (path, part) => whereAt(offsetOf(doc, path, part));
  const source: unknown = doc.toJS();
  // Read once or twice in a process: compiling the checks first would cost more than it saves.
  const read = Runbook.safeParse(source, { jitless: true });
  const flaws = read.success ? crossCheck(read.data) : read.error.issues.flatMap((issue) => explain(issue, source));
  if (!read.success || flaws.length > 0)
    return refused(
      flaws.map((flaw) => trace(flaw, source)),
      locate,
    );
  places.set(read.data, locate);
  return { runbook: read.data, problems: [] };
}

function refused(flaws: readonly Flaw[], locate: Locate): Parsed {
  const problems = flaws.map((flaw) => toProblem(flaw, locate(flaw.path, flaw.part)));
  return { problems: problems.toSorted((a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0) || (a.where?.column ?? 0) - (b.where?.column ?? 0)) };
}

/** What YAML can do and a runbook must not: it would read differently from how it runs. */
function features(doc: Document, whereAt: (offset: number) => Where): readonly Problem[] {
  const problems: Problem[] = [];
  const refuse = (what: string, node: Node): void => {
    problems.push(toProblem({ code: 'R_YAML_FEATURE', message: what, path: [] }, whereAt(node.range?.[0] ?? 0)));
  };
  visit(doc, {
    Alias: (_, node) => refuse(`Alias *${node.source} is refused.`, node),
    Node: (_, node) => {
      if (node.anchor !== undefined) refuse(`Anchor &${node.anchor} is refused.`, node);
      if (node.tag !== undefined) refuse(`Tag ${node.tag} is refused.`, node);
    },
  });
  return problems;
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

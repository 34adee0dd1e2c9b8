// YAML text to a runbook, or to problems with file, line and column. Pure: the caller read the file.
import type { Problem, Where } from '../errors.ts';
import { explain } from './explain.ts';
import { toProblem, type Flaw, type Path } from './problem.ts';
import { crossCheck } from './refer.ts';
import { Runbook } from './schema.ts';
import { trace } from './trace.ts';
import { readYaml, type Locate } from './yaml.ts';

const maxBytes = 512 * 1024;
const codes = { size: 'R_SIZE', yaml: 'R_YAML', feature: 'R_YAML_FEATURE' } as const;

export type Parsed = { readonly runbook?: Runbook; readonly problems: readonly Problem[] };

// Places live beside the runbook, not in it: the runbook stays plain data, equal to what the sealed text says.
const places = new WeakMap<Runbook, Locate>();

/** Where this part of a parsed runbook stands in its file; undefined for a runbook that was not parsed. */
export function whereOf(runbook: Runbook, path: Path): Where | undefined {
  return places.get(runbook)?.(path);
}

/** Reads a runbook. With any problem there is no runbook; all problems of one stage are given at once, in the file's order. */
export function parseRunbook(text: string, file: string): Parsed {
  const yaml = readYaml(text, file, maxBytes);
  if ('troubles' in yaml) return { problems: yaml.troubles.map(({ kind, message, where }) => toProblem({ code: codes[kind], message, path: [] }, where)) };
  const { source, locate } = yaml;
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

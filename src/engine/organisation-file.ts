// The text of firebreak.yaml to an organisation, or to problems with file, line and column. Pure: the caller read the file.
import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { suggest, type Path } from '../runbook/problem.ts';
import { readYaml } from '../runbook/yaml.ts';
import { Organisation, organisationFields } from './organisation.ts';

const maxBytes = 64 * 1024;

export type ParsedOrganisation = { readonly organisation?: Organisation; readonly problems: readonly Problem[] };

/** Reads the file. With any problem there is no organisation; all are given at once, in the file's order. An empty file settles nothing. */
export function parseOrganisation(text: string, file: string): ParsedOrganisation {
  const yaml = readYaml(text, file, maxBytes);
  if ('troubles' in yaml) return { problems: yaml.troubles.map(({ message, where }) => ({ code: 'E_CONFIG', message, where })) };
  const { source, locate } = yaml;
  const read = Organisation.safeParse(source ?? {}, { jitless: true });
  if (read.success) return { organisation: read.data, problems: [] };
  const problems = read.error.issues.flatMap((issue) =>
    explain(issue, source).map(({ path, part, message, hint }): Problem => ({ code: 'E_CONFIG', message, where: locate(path, part), ...(hint === '' ? {} : { hint }) })),
  );
  return { problems: problems.toSorted((a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0) || (a.where?.column ?? 0) - (b.where?.column ?? 0)) };
}

type Told = { readonly path: Path; readonly part?: 'key'; readonly message: string; readonly hint: string };

function explain(issue: z.core.$ZodIssue, source: unknown): readonly Told[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const place = path.length === 0 ? 'The file' : `"${path.join('.')}"`;
  if (issue.code === 'unrecognized_keys') {
    const known = organisationFields[fieldsKey(path)] ?? [];
    return issue.keys.map((key) => ({
      path: [...path, key],
      part: 'key',
      message: `${place} has an unknown field "${key}".${suggest(key, known)}`,
      hint: `It takes: ${known.join(', ')}.`,
    }));
  }
  if (issue.code === 'invalid_key') return [{ path, part: 'key', message: `${place} can not be used as a name here: ${issue.issues[0]?.message}.`, hint: '' }];
  if (isMissing(source, path)) return [{ path, message: `${path.length > 1 ? `"${path.slice(0, -1).join('.')}"` : 'The file'} has no "${String(path.at(-1))}".`, hint: 'Add it.' }];
  return [{ path, message: `${place} does not fit: ${issue.message}.`, hint: 'firebreak config sample shows every field.' }];
}

/** `contacts.lead.0` reads `contacts.*.*`: what a list holds and what is named freely has the same fields. */
function fieldsKey(path: Path): string {
  const [first, ...rest] = path.map(String);
  const free = rest.map((part, nth) => (part === 'name' && nth > 0 ? part : '*'));
  return first === undefined ? '' : [first, ...free].join('.');
}

function isMissing(source: unknown, path: Path): boolean {
  let value = source;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return true;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return false;
}

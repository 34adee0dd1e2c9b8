// What the organisation settled in peacetime: its file read, and what a case kept of it. Knows where the file lies, not what commands do with it.
import type { Entry } from '../casefile/entry.ts';
import { readSshKey } from '../casefile/sshsig.ts';
import type { RunState } from '../engine/frame.ts';
import type { Organisation } from '../engine/organisation.ts';
import { parseOrganisation } from '../engine/organisation-file.ts';
import type { Approver } from '../engine/second.ts';
import { Fault } from '../errors.ts';
import type { Shell } from './shell.ts';

export type Settled = { readonly organisation: Organisation; readonly text: string; readonly file: string };

/**
 * Today's file; undefined when there is none where it is looked for, or `--config none` was given.
 *
 * @throws Fault E_CONFIG when a file named by a person can not be read, or with every problem of one that can.
 */
export async function readSettled(shell: Shell): Promise<Settled | undefined> {
  if (shell.config === undefined) return undefined;
  const { file, named } = shell.config;
  const text = await shell.read(file);
  if (text === undefined) {
    if (named) throw new Fault('E_CONFIG', `${file} can not be read. Nothing was done.`, { where: file });
    return undefined;
  }
  const { organisation, problems } = parseOrganisation(text, file);
  if (!organisation) throw new Fault('E_CONFIG', `The settings have ${problems.length} problem(s). Nothing was done.`, { problems });
  return { organisation, text, file };
}

/** Who may sign approvals in this case. */
export function rosterOf({ organisation }: RunState): readonly Approver[] {
  return (organisation?.roster ?? []).flatMap(({ name, also, key }) => {
    const read = readSshKey(key);
    return read === undefined ? [] : [{ names: [name, ...also], key: read.line }];
  });
}

/** Where this case's notifications may be sent. */
export function webhookOf(entries: readonly Entry[]): Organisation['webhook'] {
  return organisationIn(entries)?.webhook;
}

/** What was settled when the case was opened, read from its trail alone. */
export function organisationIn(entries: readonly Entry[]): Organisation | undefined {
  const recorded = entries.find((entry) => entry.type === 'organisation.recorded');
  return recorded?.type === 'organisation.recorded' ? (recorded.organisation as unknown as Organisation) : undefined;
}

// The generated pages: a stale one fails under CI, `npx vitest run test/docs -u` writes it.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { policyOf } from '../../src/actions/policy.ts';
import { renderCommandHelp, renderHelp } from '../../src/cli/help.ts';
import { allCommands } from '../../src/cli/index.ts';
import { faultCatalog } from '../../src/errors.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import { renderGraph } from '../../src/runbook/render.ts';
import type { Runbook } from '../../src/runbook/schema.ts';

const root = new URL('../../', import.meta.url);
const page = (path: string): string => new URL(path, root).pathname;
const made = '<!-- Generated from the code by test/docs/generated.test.ts. Do not edit. -->';

function catalogue(): string {
  const rows = Object.entries(actions)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, operation]) => {
      const kind = operation.kind === 'action' ? operation.class : 'reads';
      return `| \`${name}\` | ${kind} | ${operation.summary.en} | ${operation.kind === 'action' ? operation.leaves.en : '-'} |`;
    });
  const policy = policyOf(Object.values(actions), 'eradicate', { undo: true });
  return [
    made,
    '# Actions and collectors',
    '',
    'R1 is reversible and destroys no source. R2 is reversible but loses something volatile. R3 can not be undone.',
    '',
    '| name | class | what it does | what it leaves |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## RAM policy that permits all of them',
    '',
    '```json',
    JSON.stringify(policy, null, 2),
    '```',
    '',
  ].join('\n');
}

function books(): readonly Runbook[] {
  return readdirSync(new URL('runbooks/', root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const file = `runbooks/${name}/runbook.yaml`;
      const { runbook, problems } = parseRunbook(readFileSync(new URL(file, root), 'utf8'), file);
      if (!runbook) throw new Error(JSON.stringify(problems));
      return runbook;
    });
}

describe('generated pages', () => {
  it('runbooks/README.md lists every runbook with its diagram', async () => {
    const parts = books().flatMap((book) => [
      `## ${book.title.en} (\`${book.id}\`, version ${book.version})`,
      '',
      book.summary.en,
      '',
      `Reviewed ${book.reviewed}. Owners: ${book.owners.join(', ')}. ATT&CK: ${book.attack.join(', ')}.`,
      '',
      '```mermaid',
      renderGraph(book, 'en'),
      '```',
      '',
    ]);
    await expect([made, '# Runbooks', '', ...parts].join('\n')).toMatchFileSnapshot(page('runbooks/README.md'));
  });

  it('src/actions/README.md lists every action with the permissions all of them need', async () => {
    await expect(catalogue()).toMatchFileSnapshot(page('src/actions/README.md'));
  });

  it('src/cli/README.md shows the help of every command and every error code', async () => {
    const commands = await allCommands();
    const faults = Object.entries(faultCatalog).map(([code, { exit, hint }]) => `| \`${code}\` | ${exit} | ${hint} |`);
    const text = [
      made,
      '# Command line',
      '',
      '```',
      renderHelp(commands, 'VERSION', 'en'),
      '```',
      '',
      ...commands.flatMap((command) => [`## ${command.name}`, '', '```', renderCommandHelp(command, 'en'), '```', '']),
      '## Error codes',
      '',
      '| code | exit | what to do |',
      '| --- | --- | --- |',
      ...faults,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(page('src/cli/README.md'));
  });
});

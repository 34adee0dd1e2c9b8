// firebreak runbook: list, check, show, graph, schema, policy.
import { actions } from '../actions/index.ts';
import { policyOf, tiers, type Tier } from '../actions/policy.ts';
import { checkRunbook } from '../engine/check.ts';
import { exits, Fault, renderProblem, type Problem } from '../errors.ts';
import { jsonSchema, renderGraph, renderRunbook } from '../runbook/render.ts';
import { parseRunbook } from '../runbook/parse.ts';
import type { Runbook } from '../runbook/schema.ts';
import type { Command } from './command.ts';
import { childrenOf, loadRunbook, operationsOf } from './shipped.ts';
import type { Shell } from './shell.ts';

export const runbook: Command = {
  name: 'runbook',
  usage: 'runbook list | check [RUNBOOK|FILE]… | show RUNBOOK | graph RUNBOOK | schema | policy RUNBOOK [--tier read|contain|eradicate] [--undo]',
  summary: { en: 'list, check, print or draw runbooks', zh: '列出、检查、打印或绘制处置手册' },
  examples: ['firebreak runbook check', 'firebreak runbook show leaked-access-key --lang zh > leaked-access-key.md', 'firebreak runbook policy leaked-access-key --tier read'],
  flags: { tier: 'text', undo: 'switch' },
  words: [1, 50],
  async run(shell, args) {
    const [verb, ...rest] = args.words;
    if (verb !== 'policy' && (args.text('tier') !== undefined || args.on('undo'))) throw new Fault('E_USAGE', '--tier and --undo belong to "runbook policy".');
    switch (verb) {
      case 'list':
        expectNone(rest);
        return list(shell);
      case 'check':
        return check(shell, rest);
      case 'show':
        return show(shell, rest, 'markdown', (book) => renderRunbook(book, shell.lang, (use) => actions[use]));
      case 'graph':
        return show(shell, rest, 'mermaid', (book) => renderGraph(book, shell.lang));
      case 'policy':
        return policy(shell, rest, args.text('tier') ?? 'contain', args.on('undo'));
      case 'schema':
        expectNone(rest);
        shell.out(JSON.stringify(jsonSchema(), null, 2));
        return exits.ok;
      default:
        throw new Fault('E_USAGE', `"runbook ${String(verb)}" is no command.`, { hint: `Usage: firebreak ${runbook.usage}` });
    }
  },
};

function expectNone(words: readonly string[]): void {
  if (words.length > 0) throw new Fault('E_USAGE', `Too many words: ${words.join(' ')}.`, { hint: `Usage: firebreak ${runbook.usage}` });
}

/** @throws Fault E_USAGE for none, or more than one. */
function expectOne(names: readonly string[]): string {
  const [name] = names;
  if (name === undefined || names.length > 1) throw new Fault('E_USAGE', 'Name one runbook.', { hint: `Usage: firebreak ${runbook.usage}` });
  return name;
}

async function list(shell: Shell): Promise<number> {
  const books = await Promise.all((await shell.runbooks()).map(async (id) => ({ book: (await loadRunbook(shell, id)).runbook, drills: await shell.scenarios(id) })));
  const rows = books.map(({ book, drills }) => ({ id: book.id, version: book.version, title: book.title[shell.lang], reviewed: book.reviewed, drills }));
  shell.out(
    shell.json ? JSON.stringify({ runbooks: rows }) : rows.map((row) => `${row.id}  v${row.version}  ${row.title}  (${row.reviewed})  drills: ${row.drills.join(', ')}`).join('\n'),
  );
  return exits.ok;
}

async function check(shell: Shell, names: readonly string[]): Promise<number> {
  const asked = names.length > 0 ? names : await shell.runbooks();
  const results: { name: string; problems: readonly Problem[] }[] = [];
  for (const name of asked) {
    const file = /[./]/.test(name) ? name : shell.runbookFile(name);
    const text = await shell.read(file);
    if (text === undefined) throw new Fault('E_RUNBOOK_UNKNOWN', `There is no runbook "${name}".`);
    const parsed = parseRunbook(text, file);
    const children = parsed.runbook ? await childrenOf(shell, parsed.runbook) : new Map<string, Runbook>();
    results.push({ name, problems: [...parsed.problems, ...(parsed.runbook ? checkRunbook(parsed.runbook, actions, (id) => children.get(id)) : [])] });
  }
  if (shell.json) shell.out(JSON.stringify({ runbooks: results }));
  else
    for (const { name, problems } of results)
      shell.out(problems.length === 0 ? `${name}: ok` : `${name}: ${problems.length} problem(s)\n${problems.map(renderProblem).join('\n')}`);
  return results.some(({ problems }) => problems.length > 0) ? exits.findings : exits.ok;
}

async function show(shell: Shell, names: readonly string[], as: 'markdown' | 'mermaid', render: (book: Runbook) => string): Promise<number> {
  const name = expectOne(names);
  const text = render((await loadRunbook(shell, name)).runbook);
  shell.out(shell.json ? JSON.stringify({ runbook: name, [as]: text }) : text);
  return exits.ok;
}

/** What the responder's user or role must be allowed for this runbook and its children; `ram CreatePolicy` takes it as it is. */
async function policy(shell: Shell, names: readonly string[], tier: string, undo: boolean): Promise<number> {
  const name = expectOne(names);
  if (!tiers.some((known) => known === tier)) throw new Fault('E_USAGE', `--tier takes ${tiers.join(', ')}, not "${tier.slice(0, 20)}".`);
  const book = (await loadRunbook(shell, name)).runbook;
  const document = policyOf(operationsOf([book, ...(await childrenOf(shell, book)).values()]), tier as Tier, { undo });
  shell.out(shell.json ? JSON.stringify({ runbook: name, tier, policy: document }) : JSON.stringify(document, null, 2));
  return exits.ok;
}

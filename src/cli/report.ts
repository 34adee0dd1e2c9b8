// firebreak report: the case as a document, and the files written beside the trail when it closes.
import type { CaseStore } from '../engine/ports.ts';
import { score } from '../drill/score.ts';
import { Fault, exits } from '../errors.ts';
import { formats, type FormatName } from '../report/formats.ts';
import { fullEdition, redactedEdition, tlps } from '../report/edition.ts';
import type { DrillScore, ReportModel, Tlp } from '../report/shape.ts';
import type { Lang } from '../text.ts';
import type { Command } from './command.ts';
import { openingOf, reportFile, sealedRunbooks, sealedScenario } from './library.ts';
import type { Shell } from './shell.ts';

export const report: Command = {
  name: 'report',
  usage: `report CASE [--format ${Object.keys(formats).join('|')}] [--redacted] [--tlp MARK]`,
  summary: { en: 'print the report; of an open case, as it stands', zh: '输出报告；未结案件则为当前状态' },
  examples: [
    'firebreak report INC-20260314-4f2a --lang zh',
    'firebreak report INC-20260314-4f2a --format json | jq .decision',
    'firebreak report INC-20260314-4f2a --redacted --tlp GREEN --format html',
  ],
  flags: { format: 'text', redacted: 'switch', tlp: 'text' },
  words: [1, 1],
  async run(shell, args) {
    const format = args.text('format') ?? (shell.json ? 'json' : 'md');
    if (!Object.hasOwn(formats, format)) throw new Fault('E_USAGE', `There is no format "${format.slice(0, 20)}".`, { hint: `Formats: ${Object.keys(formats).join(', ')}.` });
    const tlp = markOf(args.text('tlp'));
    const model = await modelOf(await shell.readCase(args.words[0] as string), { redacted: args.on('redacted'), ...(tlp === undefined ? {} : { tlp }) });
    const text = formats[format as FormatName].render(model, shell.lang).trimEnd();
    shell.out(shell.json && format !== 'json' ? JSON.stringify({ case: model.header.case, format, text }) : text);
    return exits.ok;
  },
};

/** As it is written on papers, with or without its name before it. */
function markOf(word: string | undefined): Tlp | undefined {
  if (word === undefined) return undefined;
  const mark = tlps.find((each) => each === word.toUpperCase().replace(/^TLP:/, ''));
  if (mark === undefined) throw new Fault('E_USAGE', `There is no mark "${word.slice(0, 20)}".`, { hint: `TLP marks: ${tlps.join(', ')}.` });
  return mark;
}

type EditionAsk = { readonly redacted?: boolean; readonly tlp?: Tlp };

async function modelOf(store: Pick<CaseStore, 'id' | 'dir' | 'entries' | 'object' | 'witness'>, { redacted = false, tlp }: EditionAsk = {}): Promise<ReportModel> {
  const library = await sealedRunbooks(store);
  // What follows a drill is not what it is scored by.
  const scenario = openingOf(store).continues === undefined ? await sealedScenario(store) : undefined;
  const entries = store.entries();
  const sources = { library: (sha256: string) => library.get(sha256), witness: store.witness(), ...(scenario ? { score: score(entries, scenario) } : {}) };
  return (redacted ? redactedEdition : fullEdition)(entries, sources, tlp);
}

/** Writes every format into the case's `report/`. Made from the trail alone: what is there already is not written again. */
export async function writeReport(
  shell: Shell,
  store: Pick<CaseStore, 'id' | 'dir' | 'entries' | 'object' | 'witness'>,
  lang: Lang,
): Promise<{ readonly path: string; readonly score?: DrillScore }> {
  const model = await modelOf(store);
  for (const { extension, render } of Object.values(formats)) {
    const [path, text] = [reportFile(store.dir, extension), render(model, lang)];
    // A closed case may lie on a medium that can only be read.
    if ((await shell.read(path)) !== text) await shell.write(path, text);
  }
  return { path: reportFile(store.dir, formats.md.extension), ...(model.score ? { score: model.score } : {}) };
}

// One process of the sweep: takes crashes, resumes them one after another, says what came of each.
import { readFileSync } from 'node:fs';
import type { Reference } from './crash-record.ts';
import { crashAndResume, sourcesOf, type Crash } from './crash-resume.ts';

const [file = '', root = ''] = process.argv.slice(2);
const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
const sources = sourcesOf(reference);

process.on('message', ({ index, crash }: { readonly index: number; readonly crash: Crash }) => {
  void crashAndResume(reference, sources, crash, root).then((outcome) => process.send?.({ index, outcome }));
});
process.send?.({ ready: true });

// Which words a screen uses; a runbook brings its own texts in both languages. Pure.
import type { Lang } from '../text.ts';
import { en, type Words } from './words-en.ts';
import { zh } from './words-zh.ts';

export type { Words };

const words: Readonly<Record<Lang, Words>> = { en, zh };

/** The words of one language. */
export function wordsOf(lang: Lang): Words {
  return words[lang];
}

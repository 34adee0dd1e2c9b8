// The labels of a redacted edition: which value of a trail gets which, and what may stay as it is. Pure; whatever is not known to be harmless is labelled.

export type Label = { readonly label: string; readonly value: string };

/** Values by their form, the surest first. */
const forms: readonly (readonly [kind: string, form: RegExp])[] = [
  ['key', /^(?:LTAI|STS\.|TMP\.)[\w.]{4,}$/],
  ['ip', /^(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?$|^(?=.*:.*:)[\da-f:]+(?:\/\d{1,3})?$/i],
  ['arn', /^acs:/],
  ['instance', /^i-[\w-]+$/],
  ['disk', /^d-[\w-]+$/],
  ['snapshot', /^s-[\w-]+$/],
  ['image', /^m-[\w-]+$|\.vhd$/],
  ['group', /^sg-[\w-]+$/],
  ['network', /^(?:vpc|vsw|eni|eip|rtb|ngw|lb)-[\w-]+$/],
  ['number', /^\d{11,}$/],
  ['mail', /^\S+@\S+\.\S+$/],
];

/** The same, inside a sentence of ours. A quoted part is a name somebody chose. */
const inside: readonly (readonly [kind: string, form: RegExp])[] = [
  ['mail', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g],
  ['arn', /acs:[^\s,;"，；。）)]+/g],
  ['name', /"[^"]+"/g],
  ['name', /“[^”]+”/g],
  ['key', /\b(?:LTAI|STS\.)[\w.]{4,}\b/g],
  ['ip', /\b(?:\d{1,3}\.){3}\d{1,3}\b/g],
  ['instance', /(?<![\w-])i-[\da-z]{6,}\b/g],
  ['disk', /(?<![\w-])d-[\da-z]{8,}\b/g],
  ['snapshot', /(?<![\w-])s-[\da-z]{8,}\b/g],
  ['group', /(?<![\w-])sg-[\da-z]{6,}\b/g],
  ['number', /\b\d{12,20}\b/g],
];

/** What a field is called says what its value is, where its form does not. */
const fields: readonly (readonly [kind: string, field: RegExp])[] = [
  ['account', /account/i],
  ['user', /user|owner|principal|label/i],
  ['person', /^(?:by|second|lead|assignee)$/],
  ['host', /^host$/],
  ['role', /role/i],
  ['bucket', /bucket/i],
  ['policy', /polic/i],
  ['name', /name|^id$|^target/i],
];

const harmless: readonly RegExp[] = [
  /^$/,
  /^(?:true|false)$/,
  /^-?\d{1,5}(?:\.\d+)?\s?%?$/,
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?$/,
  // Hashes and request ids name nobody.
  /^[\da-f]{64}$/,
  /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
  /^ecs\.[a-z\d-]+\.[a-z\d]+$/,
  /^T\d{4}(?:\.\d{3})?$/,
  // Regions; those called after a city are known from our own calls.
  /^(?:cn|ap|us|eu|me|na|sa|af)-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)(?:-\d)?$/,
];

export type Labels = {
  /** The label of a value, the same wherever it stands; a harmless one stays itself. */
  of(value: string, field?: string): string;
  /** Always a label, of this kind. */
  as(kind: string, value: string): string;
  /** A sentence of ours with what it names replaced: every value labelled so far, and every form that gives itself away. */
  sentence(text: string): string;
  /** Labels what a sentence names, and changes nothing. */
  learn(text: string): void;
  /** Words that are ours and stay from here on: choices, regions, the name of the case. What has a label by now keeps it. */
  know(words: readonly string[]): void;
  all(): readonly Label[];
};

export function makeLabels(): Labels {
  const known = new Set<string>();
  const byValue = new Map<string, string>();
  const counts = new Map<string, number>();
  let pattern: RegExp | undefined;
  const learnt = new Set<string>();
  const told = new Map<string, string>();

  const as = (kind: string, value: string): string => {
    const old = byValue.get(value);
    if (old !== undefined) return old;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const label = `${kind}-${count}`;
    byValue.set(value, label);
    pattern = undefined;
    return label;
  };
  /** Most values come again and again. */
  const judged = new Map<string, boolean>();
  const stays = (value: string): boolean => {
    if (byValue.has(value)) return false;
    if (known.has(value)) return true;
    const old = judged.get(value);
    if (old !== undefined) return old;
    const now = harmless.some((form) => form.test(value));
    judged.set(value, now);
    return now;
  };
  const of = (value: string, field = ''): string => {
    const old = byValue.get(value);
    if (old !== undefined) return old;
    if (stays(value)) return value;
    const [kind] = forms.find(([, form]) => form.test(value)) ?? fields.find(([, name]) => name.test(field)) ?? ['text'];
    return as(kind === 'number' && /account/i.test(field) ? 'account' : kind, value);
  };
  const named = (kind: string, part: string): string => {
    const quote = kind === 'name' ? ([part.slice(0, 1), part.slice(-1)] as const) : (['', ''] as const);
    const value = kind === 'name' ? part.slice(1, -1) : part;
    return stays(value) ? part : `${quote[0]}${as(forms.find(([, form]) => form.test(value))?.[0] ?? kind, value)}${quote[1]}`;
  };
  const throughForms = (text: string): string => inside.reduce((so, [kind, form]) => so.replaceAll(form, (part) => named(kind, part)), text);
  return {
    of,
    as,
    learn(text) {
      if (!learnt.has(text)) throughForms(text);
      learnt.add(text);
    },
    know: (words) => {
      for (const word of words) known.add(word);
    },
    sentence(text) {
      if (pattern === undefined) told.clear();
      pattern ??= patternOf([...byValue.keys()]);
      const old = told.get(text);
      if (old !== undefined) return old;
      const now = throughForms(text.replaceAll(pattern, (part) => byValue.get(part) ?? [...byValue].find(([value]) => value.startsWith(part))?.[1] ?? '…'));
      told.set(text, now);
      return now;
    },
    all: () => [...byValue].map(([value, label]) => ({ label, value })),
  };
}

/** How much of a long value is looked for on its own: sentences clip what they name. */
const clipped = 30;

/** Whole words only, the longest first; nothing matches when there is nothing to find. */
function patternOf(values: readonly string[]): RegExp {
  const parts = values.flatMap((value) => (value.length > clipped ? [value, value.slice(0, clipped)] : value.length > 1 ? [value] : []));
  const escaped = [...new Set(parts)].toSorted((a, b) => b.length - a.length).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`));
  return escaped.length === 0 ? /(?!)/g : new RegExp(`(?<![A-Za-z0-9])(?:${escaped.join('|')})(?![A-Za-z0-9])`, 'g');
}

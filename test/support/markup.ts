// Reads markup the strict way: every element closed in order, every attribute quoted; and CSV by RFC 4180.
export type Element = { readonly name: string; readonly attributes: ReadonlyMap<string, string>; readonly text: string };

const empty = new Set(['meta', 'link', 'br', 'hr', 'img']);
const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/y;
const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const decode = (text: string): string =>
  text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const character = references[name];
    if (character === undefined || !whole.endsWith(';')) throw new Error(`A bare & or an unknown reference: ${whole}`);
    return character;
  });

/** Every element in the order it opens, with all the text inside. @throws Error where the markup is not well-formed. */
export function elementsOf(markup: string): readonly Element[] {
  const found: { name: string; attributes: Map<string, string>; text: string }[] = [];
  const open: number[] = [];
  const say = (text: string): void => {
    for (const at of open) (found[at] as { text: string }).text += text;
  };
  const source = markup.replace(/^<!DOCTYPE html>\n/, '');
  for (let at = 0; at < source.length;) {
    const inside = found[open.at(-1) ?? -1]?.name;
    const next = inside === 'style' ? source.indexOf('</style>', at) : source.indexOf('<', at);
    const until = next === -1 ? source.length : next;
    const text = source.slice(at, until);
    if (text.includes('>') && inside !== 'style') throw new Error(`A bare > in: ${text.slice(0, 80)}`);
    say(inside === 'style' ? text : decode(text));
    if (next === -1) break;
    tag.lastIndex = next;
    const match = tag.exec(source);
    if (!match) throw new Error(`No tag: ${source.slice(next, next + 80)}`);
    const [whole, closing, name = '', rest = '', selfClosing] = match;
    if (closing === '/') {
      if (inside !== name) throw new Error(`</${name}> closes <${inside}>`);
      open.pop();
    } else {
      const attributes = new Map([...rest.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decode(value)]));
      found.push({ name, attributes, text: '' });
      if (selfClosing !== '/' && !empty.has(name)) open.push(found.length - 1);
    }
    at = next + whole.length;
  }
  if (open.length > 0) throw new Error(`Never closed: ${open.map((at) => found[at]?.name).join(' ')}`);
  return found;
}

/** Every record. @throws Error for a bare quote, a bare line feed or a last record without its end. */
export function recordsOf(csv: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let record: string[] = [];
  while (field.lastIndex < csv.length) {
    const from = field.lastIndex;
    const match = field.exec(csv);
    if (!match) throw new Error(`Not RFC 4180: ${csv.slice(from, from + 80)}`);
    const [, quoted, bare = '', end] = match;
    record.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

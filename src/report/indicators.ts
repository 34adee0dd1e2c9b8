// What to search for elsewhere: addresses, user agents, keys, users, sessions, machines, images of the suspects. Pure.
import type { Reading } from './read.ts';
import type { Indicator, MachineRow } from './rows.ts';
import type { Scope } from './shape.ts';
import { listAt, say, some, stringAt, valueAt } from './values.ts';

/** In the order people block and search. What was held back is ours until somebody says otherwise, and is not listed. */
export function indicatorsOf(reading: Reading, scope: Scope, machines: readonly MachineRow[]): readonly Indicator[] {
  const theirs = machines.filter(({ held }) => !held);
  const nothing = say('', '');
  const mixed = say('seen with these keys; may be ours', '使用过这些密钥；可能是自己的地址');
  const rows: readonly Indicator[] = [
    ...scope.sources.map(({ id, note }): Indicator => ({ kind: 'address', value: id, note: say(`${note.en}: ${mixed.en}`, `${note.zh}：${mixed.zh}`) })),
    ...theirs.flatMap(({ publicIp }): Indicator[] => (publicIp === undefined ? [] : [{ kind: 'address', value: publicIp, note: say('of their machines', '对方实例的地址') }])),
    ...agentsOf(reading),
    ...scope.keys.map(({ id, note }): Indicator => ({ kind: 'key', value: id, note })),
    ...scope.identities.filter(({ made }) => made === true).map(({ id, note }): Indicator => ({ kind: 'user', value: id, note })),
    ...scope.sessions.map(({ id, note }): Indicator => ({ kind: 'session', value: id, note })),
    ...theirs.map(({ id, region, type, name }): Indicator => {
      const note = [region, type ?? '', name ?? ''].filter((part) => part !== '').join(' ');
      return { kind: 'instance', value: id, note: say(note, note) };
    }),
    ...theirs.flatMap(({ image }): Indicator[] => (image === undefined ? [] : [{ kind: 'image', value: image, note: nothing }])),
  ];
  return [...new Map(rows.filter(({ value }) => value !== '').map((row) => [`${row.kind} ${row.value}`, row])).values()];
}

/** What they called themselves, each with every address it was seen from. */
function agentsOf({ facts }: Reading): readonly Indicator[] {
  const seen = listAt(facts['sources']).flatMap((source) => listAt(source, 'agents').map((agent) => ({ agent: String(agent), ip: stringAt(source, 'ip') })));
  return [...Map.groupBy(seen, ({ agent }) => agent)].map(([value, rows]) => {
    const from = some(rows.map(({ ip }) => ip));
    return { kind: 'agent', value, note: say(from, from) };
  });
}

/** What cutting each target stops, as it was told before anybody approved. */
export function breaksOf(reading: Reading): readonly { readonly target: string; readonly what: { readonly en: string; readonly zh: string } }[] {
  const rows = [...reading.batches.values()].flatMap(({ targets, act }) =>
    act === undefined
      ? []
      : targets.flatMap(({ id, data }) => {
          const [en, zh] = [stringAt(valueAt(data, 'breaks'), 'en'), stringAt(valueAt(data, 'breaks'), 'zh')];
          return en === '' ? [] : [{ target: id, what: say(en, zh || en) }];
        }),
  );
  return [...new Map(rows.map((row) => [row.target, row])).values()];
}

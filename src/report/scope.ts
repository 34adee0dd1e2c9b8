// What the case is about: account, regions, identities, keys, sessions, machines, trails, addresses. Pure.
import type { Json } from '../text.ts';
import { labelsOf } from './actions.ts';
import { listAt, stringAt, valueAt, type Reading } from './read.ts';
import type { CoverageRow, FindingRow, Named, Scope } from './shape.ts';

export function scopeOf(reading: Reading, coverage: readonly CoverageRow[], findings: readonly FindingRow[]): Scope {
  const { facts } = reading;
  const pinned = reading.entries.findLast((entry) => entry.type === 'identity.pinned');
  const account = pinned?.type === 'identity.pinned' ? pinned.account : stringAt(facts['account']);
  const touched = [...listAt(facts['touchedRegions']).map(String), ...findings.flatMap(({ region }) => region ?? []), ...listAt(facts['rogueSummary'], 'regions').map(String)];
  const owner = stringAt(facts['owner'], 'userName');
  const identities = [
    ...(owner === '' ? [] : [{ id: owner, note: 'owner of the leaked key' }]),
    ...listAt(facts['suspectUsers']).map((user) => ({ id: stringAt(user, 'userName'), note: valueAt(user, 'made') === true ? 'made by the suspects' : 'taken over' })),
  ];
  return {
    ...(account === '' ? {} : { account }),
    regionsTouched: unique(touched),
    regionsLookedAt: unique(coverage.flatMap(({ regionsDone }) => regionsDone)),
    identities: named(identities),
    keys: named([
      { id: stringAt(facts['accessKeyId']), note: 'leaked' },
      ...ofKind(reading, 'access-key'),
      ...listAt(facts['childKeys']).map((key) => ({ id: stringAt(key, 'id'), note: 'made by the suspects' })),
    ]),
    sessions: named(
      listAt(facts['sessions']).map((session) => ({
        id: stringAt(session, 'id') || stringAt(session, 'role'),
        note: `${stringAt(session, 'role')} until ${stringAt(session, 'until')}`,
      })),
    ),
    instances: named(ofKind(reading, 'instance')),
    trails: named(ofKind(reading, 'trail')),
    sources: named(listAt(facts['sources']).map((source) => ({ id: stringAt(source, 'ip'), note: listAt(source, 'products').map(String).join(', ') }))),
  };
}

/** Every target of a kind that any fact lists, with its label and whether it was held back. */
function ofKind(reading: Reading, kind: string): readonly Named[] {
  const labels = labelsOf(reading);
  const lists = Object.values(reading.facts).filter((fact) => Array.isArray(fact)) as readonly (readonly Json[])[];
  return lists.flatMap((list) =>
    list.flatMap((item): Named[] => {
      if (stringAt(item, 'kind') !== kind) return [];
      const id = stringAt(item, 'id');
      const held = valueAt(item, 'held') === undefined ? [] : ['held back'];
      return [{ id, note: [(labels.get(id) ?? '').replace(id, '').trim(), ...held].filter((part) => part !== '').join(', ') }];
    }),
  );
}

/** Each id once, the first note that says something. */
function named(rows: readonly Named[]): readonly Named[] {
  const found = new Map<string, Named>();
  for (const row of rows) if (row.id !== '' && (found.get(row.id)?.note ?? '') === '') found.set(row.id, row);
  return [...found.values()];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== '').toSorted();
}

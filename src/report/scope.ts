// What the case is about: account, regions, identities, keys, sessions, machines, trails, addresses. Pure.
import type { Json } from '../text.ts';
import { labelsOf } from './actions.ts';
import type { Reading } from './read.ts';
import type { CoverageRow, FindingRow } from './rows.ts';
import type { Named, Scope } from './shape.ts';
import { listAt, say, stringAt, valueAt } from './values.ts';

export function scopeOf(reading: Reading, coverage: readonly CoverageRow[], findings: readonly FindingRow[]): Scope {
  const { facts } = reading;
  const pinned = reading.entries.findLast((entry) => entry.type === 'identity.pinned');
  const account = pinned?.type === 'identity.pinned' ? pinned.account : stringAt(facts['account']);
  const succeeded = touchedRegions(reading);
  // Findings name refused attempts too: they count only while nothing better is known.
  const touched = succeeded.length > 0 ? succeeded : findings.flatMap(({ region }) => region ?? []);
  const owner = stringAt(facts['owner'], 'userName');
  const made = say('made by the suspects', '由嫌疑身份创建');
  const users = listAt(facts['suspectUsers']).map((user): Named => {
    const theirs = valueAt(user, 'made') === true;
    return { id: stringAt(user, 'userName'), note: theirs ? made : say('taken over', '被接管'), ...(theirs ? { made: true } : {}) };
  });
  const plain = (id: string, note: string): Named => ({ id, note: say(note, note) });
  return {
    ...(account === '' ? {} : { account }),
    regionsTouched: unique(touched),
    regionsLookedAt: unique(coverage.flatMap(({ regionsDone }) => regionsDone)),
    identities: named([{ id: owner, note: say('owner of the leaked key', '泄露密钥的所有者') }, ...users]),
    keys: named([
      { id: stringAt(facts['accessKeyId']), note: say('leaked', '已泄露') },
      ...ofKind(reading, 'access-key'),
      ...listAt(facts['childKeys']).map((key): Named => ({ id: stringAt(key, 'id'), note: made, made: true })),
    ]),
    sessions: named(
      listAt(facts['sessions']).map((session): Named => {
        const [role, until] = [stringAt(session, 'role'), stringAt(session, 'until')];
        return { id: stringAt(session, 'id') || role, note: say(`${role} until ${until}`, `${role}，至 ${until}`) };
      }),
    ),
    instances: named(ofKind(reading, 'instance')),
    trails: named(ofKind(reading, 'trail')),
    sources: named(listAt(facts['sources']).map((source) => plain(stringAt(source, 'ip'), listAt(source, 'products').map(String).join(', ')))),
  };
}

/** Where the suspects did something that succeeded, as far as is recorded. */
export function touchedRegions({ facts }: Reading): readonly string[] {
  return unique([...listAt(facts['touchedRegions']), ...listAt(facts['rogueSummary'], 'regions')].map(String));
}

/** Every target of a kind that any fact lists, with its label and whether it was held back. */
function ofKind(reading: Reading, kind: string): readonly Named[] {
  const labels = labelsOf(reading);
  const lists = Object.values(reading.facts).filter((fact) => Array.isArray(fact)) as readonly (readonly Json[])[];
  return lists.flatMap((list) =>
    list.flatMap((item): Named[] => {
      if (stringAt(item, 'kind') !== kind) return [];
      const id = stringAt(item, 'id');
      const label = (labels.get(id) ?? '').replace(id, '').trim();
      if (valueAt(item, 'held') === undefined) return [{ id, note: say(label, label) }];
      return [{ id, note: say(`held back, ${label}`, `排除，${label}`), held: true }];
    }),
  );
}

/** Each id once, the first note that says something. */
function named(rows: readonly Named[]): readonly Named[] {
  const found = new Map<string, Named>();
  for (const row of rows) if (row.id !== '' && (found.get(row.id)?.note.en ?? '') === '') found.set(row.id, row);
  return [...found.values()];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== '').toSorted();
}

// Who belongs to the attacker, judged from events alone: the leaked key, what it made, what that made in turn. Pure.
import { z } from 'zod';
import { clip, type JsonObject, type Text } from '../text.ts';
import type { CloudEvent } from './event.ts';
import { madeBy } from './event.ts';
import { listAt, textAt } from './wire.ts';

/** An item of a recorded list: what it holds is read where it is used. */
export const Loose = z.looseObject({});

export type SuspectKey = { readonly id: string; readonly userName: string; readonly createdBy: string; readonly at: string };
/** `made` by the attacker; otherwise an older user whose login or key the attacker changed. */
type SuspectUser = { readonly userName: string; readonly createdBy: string; readonly at: string; readonly made: boolean };
export type SuspectSession = { readonly id: string; readonly role: string; readonly until: string; readonly by: string };

export type Suspects = {
  readonly keys: readonly SuspectKey[];
  readonly users: readonly SuspectUser[];
  readonly sessions: readonly SuspectSession[];
};

/** Where a suspect was seen from. */
export type Source = {
  readonly ip: string;
  readonly count: number;
  readonly products: readonly string[];
  readonly newest: string;
  /** What it called itself, the first few; chosen by whoever called. Absent where no event was seen. */
  readonly agents?: readonly string[];
};

const mostAgents = 5;

/** Did one of the suspects do this? A user the attacker only took over counts from that moment on. */
export function isBy(event: CloudEvent, { keys, users, sessions }: Suspects): boolean {
  if (event.accessKeyId !== '' && (keys.some(({ id }) => id === event.accessKeyId) || sessions.some(({ id }) => id === event.accessKeyId))) return true;
  return users.some(({ userName, made, at }) => userName === event.userName && (made || event.at >= at));
}

/** Follows creations from the seed until nothing new is found; the order of the events does not matter. */
export function spread(seed: Suspects, events: readonly CloudEvent[]): Suspects {
  const keys = new Map(seed.keys.map((key) => [key.id, key]));
  const users = new Map(seed.users.map((user) => [user.userName, user]));
  const sessions = new Map(seed.sessions.map((session) => [`${session.id}${session.role}${session.until}`, session]));
  const known = (): Suspects => ({ keys: [...keys.values()], users: [...users.values()], sessions: [...sessions.values()] });
  const size = (): number => keys.size + users.size + sessions.size + [...users.values()].filter(({ made }) => made).length;
  for (let before = -1; before !== size();) {
    before = size();
    for (const event of events.filter((each) => isBy(each, known()))) {
      const by = event.accessKeyId || event.userName;
      for (const made of madeBy(event)) {
        if (made.kind === 'key' && !keys.has(made.id)) keys.set(made.id, { id: made.id, userName: made.userName, createdBy: by, at: event.at });
        if (made.kind === 'user') {
          const old = users.get(made.id);
          // The log comes newest first: a login given to a user they made is seen before its making.
          const isMade = event.name !== 'CreateLoginProfile';
          if (old === undefined || (isMade && !old.made)) users.set(made.id, { userName: made.id, createdBy: by, at: event.at, made: isMade });
        }
        if (made.kind === 'session') {
          const { id, role, until } = made;
          sessions.set(`${id}${role}${until}`, { id, role, until, by });
        }
      }
    }
  }
  return known();
}

/** The addresses the suspects came from, the busiest first. */
export function sourcesOf(events: readonly CloudEvent[]): readonly Source[] {
  const found = new Map<string, Source>();
  for (const { source: ip, service, at, userAgent } of events) {
    if (ip === '') continue;
    const old = found.get(ip);
    const products = [...new Set([...(old?.products ?? []), service])].toSorted();
    const agents = [...new Set([...(old?.agents ?? []), ...(userAgent === '' ? [] : [clip(userAgent, 200)])])].slice(0, mostAgents);
    found.set(ip, { ip, count: (old?.count ?? 0) + 1, products, newest: old !== undefined && old.newest > at ? old.newest : at, agents });
  }
  return [...found.values()].toSorted((a, b) => b.count - a.count || (a.ip < b.ip ? -1 : 1));
}

/** What stops when this key is cut, as far as its events show. */
export function breaksOf(keyId: string, events: readonly CloudEvent[]): Text {
  const used = events.filter(({ accessKeyId }) => accessKeyId === keyId);
  if (used.length === 0) {
    return {
      en: 'No use of it was seen in the pages read. That is no proof that nothing depends on it.',
      zh: '已读的日志页中没有看到它被使用，但这不能证明没有系统依赖它。',
    };
  }
  const from = sourcesOf(used);
  const list = from.slice(0, 4).map(({ ip, products, count }) => `${ip} ${products.join('+')} ×${count}`);
  const more = from.length > 4 ? ` +${from.length - 4}` : '';
  return {
    en: `Whatever still uses it stops. Seen: ${list.join('; ')}${more}. Last use ${newestOf(used)}.`,
    zh: `仍在使用它的程序会停止工作。已见：${list.join('；')}${more}。最近使用 ${newestOf(used)}。`,
  };
}

/** Which sessions outlive the cut of this key. */
export function leavesOf(keyId: string, sessions: readonly SuspectSession[], now: string): Text {
  const live = sessions.filter(({ by, until }) => by === keyId && Date.parse(until) > Date.parse(now));
  if (live.length === 0) {
    return {
      en: 'No open role session of it was seen. One that was not seen would live until it expires, at most 12 hours.',
      zh: '没有看到它换取的、仍有效的角色会话；若有未看到的会话，最长会存活 12 小时。',
    };
  }
  const list = live.map(({ role, until }) => `${role} → ${until}`).join('; ');
  return { en: `Role sessions it opened stay alive: ${list}.`, zh: `它换取的角色会话仍然有效：${list}。` };
}

/** The latest event time; '' when there is none. */
export function newestOf(events: readonly CloudEvent[]): string {
  return events.reduce((newest, { at }) => (at > newest ? at : newest), '');
}

/** Keys and users the full record has found since. */
export const childInput = { childKeys: z.array(Loose).default([]), childUsers: z.array(Loose).default([]) };

/** What a step hands over about the suspects. Only the leaked key is always known: the rest is missing when the quick look failed. */
export const suspectInput = {
  accessKeyId: z.string().min(8),
  suspects: z.array(Loose).default([]),
  suspectUsers: z.array(Loose).default([]),
  sessions: z.array(Loose).default([]),
  ...childInput,
};

/** The suspects of a step's input, the leaked key always among them. */
export function suspectsOf(input: JsonObject): Suspects {
  const keys = [
    { id: textAt(input, 'accessKeyId'), userName: '', createdBy: '', at: '' },
    ...listAt(input, 'suspects').map((target) => ({
      id: textAt(target, 'id'),
      userName: textAt(target, 'data', 'userName'),
      createdBy: textAt(target, 'data', 'createdBy'),
      at: textAt(target, 'data', 'createdAt'),
    })),
    ...listAt(input, 'childKeys').map((child) => ({
      id: textAt(child, 'id'),
      userName: textAt(child, 'userName'),
      createdBy: textAt(child, 'createdBy'),
      at: textAt(child, 'since'),
    })),
  ];
  const users = [...listAt(input, 'childUsers'), ...listAt(input, 'suspectUsers')].map((user) => ({
    userName: textAt(user, 'userName'),
    createdBy: textAt(user, 'createdBy'),
    at: textAt(user, 'at'),
    made: user['made'] === true,
  }));
  return {
    keys: [...new Map(keys.map((key) => [key.id, key])).values()],
    users: [...new Map(users.map((user) => [user.userName, user])).values()],
    sessions: listAt(input, 'sessions').map((session) => ({
      id: textAt(session, 'id'),
      role: textAt(session, 'role'),
      until: textAt(session, 'until'),
      by: textAt(session, 'by'),
    })),
  };
}

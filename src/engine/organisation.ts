// What an organisation settles in peacetime: whom to tell, by when, which networks are its own, who may approve. Pure; also a JSON Schema.
import { z } from 'zod';
import { isNetwork } from '../actions/networks.ts';
import { readSshKey } from '../casefile/sshsig.ts';
import type { Lang, Text } from '../text.ts';

const role = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'it must be lower-case letters, digits and dashes, such as duty-manager');
/** One line of a person's own text: it is shown on screens and in reports, escaped like any other. */
const line = z.string().regex(/^[^\p{C}]{1,200}$/u, 'it must be one line of 1 to 200 printable characters');
const text = z.strictObject({ en: z.string().min(1).max(4_000), zh: z.string().min(1).max(4_000) });
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'it must be a time of day, "09:00"');
const environmentName = z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/, 'it must name an environment variable, such as FIREBREAK_DINGTALK_URL');

const Contact = z.strictObject({
  name: line,
  phone: line.optional(),
  email: line.optional(),
  chat: line.optional(),
  note: line.optional(),
  /** `working`: only within `workingHours`. */
  reachable: z.enum(['always', 'working']).default('always'),
});
export type Contact = z.infer<typeof Contact>;

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const WorkingHours = z
  .strictObject({
    timeZone: z.string().refine(isTimeZone, 'it must be a time zone, such as Asia/Shanghai'),
    days: z.array(z.enum(days)).min(1).default(['mon', 'tue', 'wed', 'thu', 'fri']),
    from: clockTime,
    to: clockTime,
  })
  .refine(({ from, to }) => from < to, 'it must end later than it begins, on the same day');

const Clock = z.strictObject({
  id: role,
  name: text,
  hours: z.number().positive().max(8_760),
  /** The moment it runs from: `opened`, or a fact of the case that holds a time. */
  from: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'it must be "opened" or the name of a fact, such as detectedAt')
    .default('detectedAt'),
});

const Approver = z.strictObject({
  name: line,
  /** Other names this person works under (`--as`, the user of the operating system). */
  also: z.array(line).default([]),
  key: z.string().refine((key) => readSshKey(key) !== undefined, 'it must be an ssh-ed25519 public key, as in a .pub file'),
});

/** Signed and sent by webhook. The secrets stay in the environment: the file only names the variables. */
const Webhook = z.strictObject({ kind: z.literal('dingtalk'), name: line, urlFrom: environmentName, secretFrom: environmentName.optional() });

export const Organisation = z
  .strictObject({
    contacts: z.record(role, z.array(Contact).min(1).max(20)).default({}),
    /** `RUNBOOK/STEP` of a notify step → the text to send instead of the runbook's own. `{fact}` is filled in. */
    messages: z.record(z.string().regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/, 'it must be RUNBOOK/STEP'), text).default({}),
    statusEveryMinutes: z.number().int().min(5).max(1_440).optional(),
    clocks: z.array(Clock).max(20).default([]),
    knownNetworks: z
      .array(z.strictObject({ name: line, cidrs: z.array(z.string().refine(isNetwork, 'it must be a network in CIDR notation, such as 198.51.100.0/24')).min(1) }))
      .max(200)
      .default([]),
    workingHours: WorkingHours.optional(),
    roster: z.array(Approver).max(100).default([]),
    webhook: Webhook.optional(),
  })
  .superRefine(({ roster, clocks, contacts, workingHours }, { addIssue }) => {
    const twice = (list: readonly string[], path: (nth: number) => (string | number)[], what: string): void => {
      for (const [nth, each] of list.entries()) if (list.indexOf(each) < nth) addIssue({ code: 'custom', message: `it must not be ${what} twice`, path: path(nth) });
    };
    const keys = roster.map(({ key }) => readSshKey(key)?.fingerprint ?? key);
    twice(keys, (nth) => ['roster', nth, 'key'], 'listed');
    twice(
      roster.map(({ name }) => name.normalize('NFKC').trim().toLowerCase()),
      (nth) => ['roster', nth, 'name'],
      'listed',
    );
    twice(
      clocks.map(({ id }) => id),
      (nth) => ['clocks', nth, 'id'],
      'used',
    );
    for (const [name, people] of Object.entries(contacts)) {
      for (const [nth, { phone, email, chat, reachable }] of people.entries()) {
        if (phone === undefined && email === undefined && chat === undefined)
          addIssue({ code: 'custom', message: 'it must say how to reach them: phone, email or chat', path: ['contacts', name, nth] });
        if (reachable === 'working' && workingHours === undefined)
          addIssue({ code: 'custom', message: 'it must be "always" while no workingHours are given', path: ['contacts', name, nth, 'reachable'] });
      }
    }
  });
export type Organisation = z.infer<typeof Organisation>;

/** Fields by the part of the file they stand in, for the hint at a misspelt one. A list's number and a free name read `*`. */
export const organisationFields: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(Organisation.shape),
  'contacts.*.*': Object.keys(Contact.shape),
  'messages.*': ['en', 'zh'],
  'clocks.*': Object.keys(Clock.shape),
  'clocks.*.name': ['en', 'zh'],
  'knownNetworks.*': ['name', 'cidrs'],
  workingHours: ['timeZone', 'days', 'from', 'to'],
  'roster.*': Object.keys(Approver.shape),
  webhook: Object.keys(Webhook.shape),
};

/** The form of `firebreak.yaml` as JSON Schema, for editors. */
export function organisationSchema(): Readonly<Record<string, unknown>> {
  return { title: 'firebreak.yaml', ...z.toJSONSchema(Organisation, { io: 'input' }) };
}

function isTimeZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** Is `at` within the working hours? Without any, always. */
export function isWorkingTime({ workingHours }: Organisation, at: string): boolean {
  if (workingHours === undefined) return true;
  const { timeZone, from, to } = workingHours;
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(Date.parse(at));
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  return workingHours.days.some((day) => day === part('weekday').toLowerCase()) && from <= time && time < to;
}

/** One line to reach a person by: `duty-manager: Name, +86 …; outside working hours`. Foreign text in it is not yet escaped. */
export function contactLine(organisation: Organisation, roleName: string, contact: Contact, { at, lang }: { readonly at: string; readonly lang: Lang }): string {
  const { name, phone, email, chat, note, reachable } = contact;
  const away: Text = { en: 'outside working hours now', zh: '当前不在工作时间' };
  const ways = [name, phone, email, chat, note, ...(reachable === 'working' && !isWorkingTime(organisation, at) ? [away[lang]] : [])];
  return `${roleName}: ${ways.filter((way) => way !== undefined).join(', ')}`;
}

/** Every network that is ours, as the fact `knownNetworks` gives it to steps. */
export function networksOf({ knownNetworks }: Organisation): readonly string[] {
  return [...new Set(knownNetworks.flatMap(({ cidrs }) => cidrs))];
}

// The language of a product: calls, their context, parameters, errors, operations. Pure; knows no product.
import type { JsonObject } from '../text.ts';
import { token } from './world.ts';
import type { AccessKey, Role, Session, User, World } from './world.ts';

/** One call, whoever made it, over whatever wire. */
export type Incoming = {
  readonly product: string;
  readonly action: string;
  readonly method: string;
  readonly region: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** A key's id, or a session's `STS.` id. */
  readonly accessKeyId: string;
  readonly ip: string;
  readonly agent: string;
};

/** A test's hand inside the cloud: what a fault changes in the handling of a call. Journaled with it. */
export type Twist =
  | { readonly do: 'deny' }
  | { readonly do: 'empty' }
  | { readonly do: 'never-completes' }
  | { readonly do: 'partial'; readonly code: string; readonly targets?: readonly string[] };

/** Whose credential signed a call. */
export type Caller =
  | { readonly kind: 'root'; readonly key: AccessKey }
  | { readonly kind: 'user'; readonly key: AccessKey; readonly user: User }
  | { readonly kind: 'role'; readonly session: Session; readonly role: Role };

/** What an operation sees of its call. */
export type Context = {
  readonly world: World;
  readonly caller: Caller;
  /** Scenario time, milliseconds. */
  readonly at: number;
  readonly region: string;
  readonly p: Params;
  readonly call: Incoming;
  readonly requestId: string;
  /** Listings come back empty: no permission where the cloud does not say so, or a fault. */
  readonly hidden: boolean;
  readonly twist: Twist | undefined;
};

/** What a mutating operation did. */
export type Change = { readonly body: JsonObject; readonly targets: readonly string[]; readonly changed?: boolean };

/** `params`: the official names, `!` marks the required, `.N` the repeated. `resources`: the ARNs asked for, without `acs:product:region:account:`. */
type Common = { readonly params: readonly string[]; readonly method?: 'GET'; readonly resources?: (p: Params) => readonly string[] };
export type Operation = Common &
  (
    | { readonly effect: 'read'; readonly emptyWithoutPermission?: boolean; readonly run: (context: Context) => JsonObject }
    | { readonly effect: 'write'; readonly run: (context: Context) => Change }
  );

/** A table of operations under one API version. */
export type Product = {
  readonly name: string;
  readonly version: string;
  /** `Ram`, as the log writes it. */
  readonly service: string;
  /** The prefix its actions have in a policy. */
  readonly auth: string;
  /** Global: one endpoint, one place in the log. */
  readonly global: boolean;
  /** What the log calls the things its calls change. */
  readonly resourceType: string;
  readonly denied: { readonly code: string; readonly message: string };
  readonly operations: Readonly<Record<string, Operation>>;
};

/** An answer that is an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly detail: JsonObject | undefined;

  constructor(status: number, code: string, message: string, detail?: JsonObject) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** The parameters of one call, read by the names its operation declares. */
export type Params = {
  text(name: string): string | undefined;
  /** A text that is there: declared required, or checked before. */
  need(name: string): string;
  flag(name: string): boolean;
  whole(name: string, fallback: number, range: readonly [number, number]): number;
  /** `Name.1`, `Name.2`, … in order. */
  list(name: string): readonly string[];
  /** `Name.1.Key`, `Name.1.Value`, …: one object each, fields in any letter case. */
  objects(name: string): readonly Readonly<Record<string, string>>[];
  /** A JSON array of texts in one parameter, as InstanceIds is. */
  array(name: string): readonly string[] | undefined;
};

/** Reads parameters; those an operation reads but does not declare are our own mistake. */
export function readParams(declared: readonly string[], given: Readonly<Record<string, string>>): Params {
  const names = new Set(declared.map((name) => name.replace(/!$/, '')));
  const raw = (name: string): string | undefined => {
    if (!names.has(name) && !names.has(`${name}.N`)) throw new TypeError(`the operation does not declare ${name}`);
    return Object.hasOwn(given, name) && given[name] !== '' ? given[name] : undefined;
  };
  const numbered = (name: string): readonly (readonly [number, string, string])[] => {
    raw(name);
    const prefix = `${name}.`;
    return Object.entries(given)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [Number(key.slice(prefix.length).split('.')[0]), key.slice(prefix.length).split('.').slice(1).join('.'), value] as const)
      .toSorted((a, b) => a[0] - b[0]);
  };
  const need = (name: string): string => {
    const value = raw(name);
    if (value === undefined) throw missing(name);
    return value;
  };
  return {
    text: raw,
    need,
    flag: (name) => raw(name)?.toLowerCase() === 'true',
    whole(name, fallback, [least, most]) {
      const value = raw(name);
      if (value === undefined) return fallback;
      if (!/^\d+$/.test(value)) throw new ApiError(400, 'InvalidParameter', `The specified parameter ${name} is not valid.`);
      return Math.min(most, Math.max(least, Number(value)));
    },
    list: (name) => numbered(name).map(([, , value]) => value),
    objects(name) {
      const found = new Map<number, Record<string, string>>();
      for (const [index, field, value] of numbered(name)) {
        const one = found.get(index) ?? {};
        one[field.charAt(0).toUpperCase() + field.slice(1)] = value;
        found.set(index, one);
      }
      return [...found.values()];
    },
    array(name) {
      const value = raw(name);
      if (value === undefined) return undefined;
      const parsed = parseJson(value);
      if (!Array.isArray(parsed) || !parsed.every((one) => typeof one === 'string'))
        throw new ApiError(400, `Invalid${name}.Malformed`, `The specified ${name} is not a JSON array.`);
      return parsed;
    },
  };
}

/** Every required parameter is there, or the error the gateway gives. */
export function checkRequired(operation: Operation, given: Readonly<Record<string, string>>): void {
  for (const name of operation.params.filter((one) => one.endsWith('!')).map((one) => one.slice(0, -1))) {
    const plain = name.replace(/\.N$/, '');
    const there = name === plain ? (given[name] ?? '') !== '' : Object.keys(given).some((key) => key.startsWith(`${plain}.`));
    if (!there) throw missing(plain);
  }
}

function missing(name: string): ApiError {
  return new ApiError(400, 'MissingParameter', `The input parameter "${name}" that is mandatory for processing this request is not supplied.`);
}

/** JSON, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An operation that only looks. */
export function read(
  params: readonly string[],
  run: (context: Context) => JsonObject,
  more: Omit<Common, 'params'> & { readonly emptyWithoutPermission?: boolean } = {},
): Operation {
  return { effect: 'read', params, run, ...more };
}

/** An operation that may change the account; its calls are journaled and flushed. */
export function write(params: readonly string[], run: (context: Context) => Change, more: Omit<Common, 'params'> = {}): Operation {
  return { effect: 'write', params, run, ...more };
}

/** Orders named values by name, for anything that is hashed. */
export function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

/** A new id, the same whenever the same call is made in the same world. */
export function newId(context: Context, length: number, alphabet: string, what: string): string {
  return token(length, alphabet, context.world.seed.seed, context.requestId, what);
}

/** A page of a listing by a marker that is an offset: RAM's way. */
export function markerPage<T>(context: Context, items: readonly T[]): { readonly page: readonly T[]; readonly more: { readonly IsTruncated: boolean; readonly Marker?: string } } {
  const from = Number(context.p.text('Marker') ?? 0) || 0;
  const size = context.p.whole('MaxItems', 100, [1, 1000]);
  const listed = context.hidden ? [] : items;
  const next = from + size;
  return { page: listed.slice(from, next), more: next < listed.length ? { IsTruncated: true, Marker: String(next) } : { IsTruncated: false } };
}

// How a call is built and a reply is read: versions, flat parameters, JSON paths. Knows no product's meaning.
import { Fault } from '../errors.ts';
import type { Json, JsonObject, Text } from '../text.ts';
import type { Call, Product, Refusal, Refused } from './define.ts';

const versions: Readonly<Record<Product, string>> = {
  sts: '2015-04-01',
  ram: '2015-05-01',
  ims: '2019-08-15',
  ecs: '2014-05-26',
  actiontrail: '2020-07-06',
};

/** Where calls to central products are said to go, and where global events are kept on the China site. */
export const homeRegion = 'cn-hangzhou';

type Params = Readonly<Record<string, string>>;

/** A call that changes nothing. */
export function read(product: Product, action: string, params: Params = {}, region: string = homeRegion): Call {
  return build(product, action, params, region, 'read');
}

/** A call that changes something. */
export function write(product: Product, action: string, params: Params, region: string = homeRegion): Call {
  return build(product, action, params, region, 'write');
}

/**
 * An omitted name makes RAM act on the caller: every name goes through here.
 *
 * @throws Fault E_BUG when the name is empty or has blanks around it.
 */
export function named(what: string, value: string): string {
  if (value === '' || value.trim() !== value) throw new Fault('E_BUG', `a call was built with an empty or padded ${what}; nothing was sent`);
  return value;
}

/** `InstanceId.1`, `InstanceId.2`, … */
export function numbered(name: string, values: readonly string[]): Params {
  return Object.fromEntries(values.map((value, index) => [`${name}.${index + 1}`, named(name, value)]));
}

/** The value at a path of an answer; undefined when any part is missing. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value;
  for (const key of path) {
    if (!isObject(here)) return undefined;
    here = here[key];
  }
  return here;
}

/** The text at a path; numbers as written, anything else as ''. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

/** The number at a path, also when the API gave it as text; undefined when it is none. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const text = textAt(value, ...path).trim();
  const number = Number(text);
  return text === '' || !Number.isFinite(number) ? undefined : number;
}

/** True for `true` and for the text `"true"`, which some products answer with. */
export function yesAt(value: Json | undefined, ...path: readonly string[]): boolean {
  const found = at(value, ...path);
  return found === true || found === 'true';
}

/** The objects of the list at a path; empty when there is none. */
export function listAt(value: Json | undefined, ...path: readonly string[]): readonly JsonObject[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** The texts of the list at a path. */
export function textsAt(value: Json | undefined, ...path: readonly string[]): readonly string[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter((item: Json) => typeof item === 'string') : [];
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `yyyy-MM-ddTHH:mm:ssZ`, as these APIs take times. */
export function seconds(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19)}Z`;
}

/** The time some milliseconds later (earlier when negative), to the second. */
export function later(iso: string, ms: number): string {
  return seconds(new Date(Date.parse(iso) + ms).toISOString());
}

/** At most `width` works in flight; the results keep the order of the items. */
export async function pool<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

const refusals: Readonly<Record<Refusal, Text>> = {
  denied: { en: 'no permission', zh: '没有权限' },
  protected: { en: 'the key in use is under restrictive protection', zh: '当前使用的密钥已被限制性保护' },
  locked: { en: 'locked by the cloud for security', zh: '已被云平台安全锁定' },
  throttled: { en: 'throttled', zh: '被限流' },
  gone: { en: 'does not exist', zh: '不存在' },
  exists: { en: 'exists already', zh: '已存在' },
  unknown: { en: 'outcome unknown', zh: '结果未知' },
  unreachable: { en: 'not reachable', zh: '无法连接' },
  invalid: { en: 'refused as invalid', zh: '参数或状态不被接受' },
  unavailable: { en: 'server fault', zh: '服务端故障' },
};

/** A region that does not answer: every further call there would cost as long. */
export function isDead({ refusal }: Refused): boolean {
  return refusal === 'unreachable' || refusal === 'unavailable';
}

/** Why a call failed, in a few words with its code. */
export function why(refused: Refused): Text {
  const { en, zh } = refusals[refused.refusal];
  return { en: `${en} (${refused.code})`, zh: `${zh}（${refused.code}）` };
}

function build(product: Product, action: string, params: Params, region: string, effect: Call['effect']): Call {
  return { product, version: versions[product], action, params, region: named('region', region), effect };
}

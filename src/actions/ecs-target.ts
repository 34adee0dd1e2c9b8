// What acts on instances have in common: where one is, whether it is still the one that was approved, what is said of it.
import type { JsonObject, Text } from '../text.ts';
import type { Reader, Refused, Target } from './define.ts';
import type { Instance } from './ecs.ts';
import { readInstance } from './ecs.ts';
import { textAt, textsAt } from './wire.ts';

export const goneNote: Text = { en: 'The instance no longer exists.', zh: '该实例已不存在。' };
export const lockedNote: Text = { en: 'Alibaba has locked it for security: every call on it is refused.', zh: '阿里云已将其安全锁定：任何操作都会被拒绝。' };
/** What is left to do about a machine that is paid for in advance. */
export const prepaidNote: Text = {
  en: 'Prepaid: stopping saves nothing, and it can not be released before it expires. Switch its auto-renewal off (Expenses and Costs > Renewal Management) and ask Alibaba Cloud for a refund with the report of this case.',
  zh: '包年包月：停止不会节省费用，到期前也无法释放。请在“费用与成本 > 续费管理”中关闭自动续费，并凭本案例的报告向阿里云申请退款。',
};

export function regionOf(target: Target): string {
  return target.region ?? textAt(target.data, 'region');
}

/** Its id, region and the whole of what was frozen still fit; undefined when they do. An id can be kept while the machine behind it is another. */
export function changesIn(instance: Instance, target: Target): Text | undefined {
  const { data } = target;
  const differs = [
    instance.image === textAt(data, 'image') ? [] : ['image'],
    instance.created === textAt(data, 'created') ? [] : ['creation time'],
    instance.tags.join('\n') === textsAt(data, 'tags').join('\n') ? [] : ['tags'],
    instance.type === textAt(data, 'type') ? [] : ['type'],
  ].flat();
  return differs.length === 0 ? undefined : { en: `Changed since the list was made: ${differs.join(', ')}.`, zh: `名单确定后已变化：${differs.join('、')}。` };
}

/** The instance of a target as it is now, its answer sealed as the state before the act. */
export function readBefore(reader: Reader, target: Target): Promise<Instance | Refused> {
  return readInstance(reader, regionOf(target), target.id, { kind: 'before', target: target.id });
}

/** The ids of the disks frozen with a target that outlive their host. */
export function disksOf(target: Target): readonly string[] {
  return framed(target).flatMap(({ local, id }) => (local ? [] : [id]));
}

type Framed = { readonly id: string; readonly category: string; readonly gib: number; readonly local: boolean };

/** The disks frozen with a target. */
export function framed(target: Target): readonly Framed[] {
  const { disks } = target.data;
  const rows = Array.isArray(disks) ? (disks as readonly JsonObject[]) : [];
  return rows
    .map((row) => ({ id: textAt(row, 'id'), category: textAt(row, 'category'), gib: Number(textAt(row, 'gib') || '0'), local: row['local'] === true }))
    .filter(({ id }) => id !== '');
}

/** At most `size` of them at a time: what one call takes. */
export function slices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

// What the account costs: per hour now, and since the scenario began. Pure.
import { iso, statusOf } from './world.ts';
import type { Instance, World } from './world.ts';

const hourMs = 3_600_000;

/** What an instance costs now, CNY per hour, disks and addresses included; undefined when its type has no known price. */
export function hourly(world: World, instance: Instance): number | undefined {
  const { prices } = world.seed;
  const compute = instance.power === 'Stopped' && instance.stoppedMode === 'StopCharging' ? 0 : prices.instances[instance.type];
  if (compute === undefined) return undefined;
  const disks = [...world.disks.values()].filter((disk) => disk.instance === instance.id);
  const storage = disks.reduce((sum, disk) => sum + disk.sizeGiB * (prices.diskPerGiB[disk.category] ?? 0), 0);
  return compute + storage + (instance.eip === undefined ? 0 : prices.eip);
}

/** Brings an instance's bill up to a time; to be called before anything about its price changes. */
export function settleBill(world: World, instance: Instance, at: number): void {
  instance.spent += ((hourly(world, instance) ?? 0) * (at - instance.billedTo)) / hourMs;
  instance.billedTo = at;
}

export type Bill = {
  readonly at: string;
  /** CNY per hour now. */
  readonly perHour: number;
  /** CNY since the scenario began. */
  readonly total: number;
  /** Types without a known price: their cost is unknown, not 0. */
  readonly unpriced: readonly string[];
  /** `spent` counts from the instance's creation. */
  readonly instances: readonly {
    readonly id: string;
    readonly region: string;
    readonly type: string;
    readonly status: string;
    readonly stoppedMode: string;
    readonly perHour: number | undefined;
    readonly spent: number;
  }[];
};

/** The running bill. */
export function billOf(world: World): Bill {
  const all = [...world.instances.values()];
  const instances = all.map((instance) => {
    settleBill(world, instance, world.now);
    return {
      id: instance.id,
      region: instance.region,
      type: instance.type,
      status: statusOf(instance, world.now),
      stoppedMode: instance.stoppedMode ?? 'Not-applicable',
      perHour: hourly(world, instance),
      spent: instance.spent,
    };
  });
  return {
    at: iso(world.now),
    perHour: instances.reduce((sum, one) => sum + (one.perHour ?? 0), 0),
    total: all.reduce((sum, one) => sum + one.spent - one.spentBefore, world.spentByGone),
    unpriced: [...new Set(instances.filter((one) => one.perHour === undefined).map((one) => one.type))],
    instances,
  };
}

// How an instance leaves the account, asked for or by itself. Pure; knows no call.
import { settleBill } from './bill.ts';
import type { Instance, World } from './world.ts';

/** Releases an instance: the bill ends, snapshots under way fail, disks go with it unless they are to stay. */
export function release(world: World, instance: Instance, at: number): void {
  settleBill(world, instance, at);
  world.spentByGone += instance.spent - instance.spentBefore;
  failSnapshots(world, instance, at);
  for (const disk of world.disks.values()) if (disk.instance === instance.id && disk.withInstance) world.disks.delete(disk.id);
  world.instances.delete(instance.id);
  misses(world, instance, at);
}

/** Whatever changes its state spoils the snapshots being made of it. */
export function failSnapshots(world: World, instance: Instance, at: number): void {
  for (const snapshot of world.snapshots.values()) if (snapshot.instance === instance.id && at < snapshot.done) snapshot.failed ??= at;
}

/** How long a group takes to notice that an instance of it is missing. */
const noticeMs = 60_000;

/** An instance stopped or went: its group, if it has one, will look. */
export function misses(world: World, instance: Instance, at: number): void {
  const group = instance.group === undefined ? undefined : world.provisioningGroups.get(instance.group);
  if (group) group.due ??= at + noticeMs;
}

// The registry: every action and collector by its name. Adding one is adding one key.
import { others } from './actiontrail-others.ts';
import { quiet } from './actiontrail-quiet.ts';
import { keyRecord } from './actiontrail-record.ts';
import { logging, startTrail } from './actiontrail-trails.ts';
import type { Action, Collector } from './define.ts';
import { burn } from './ecs-burn.ts';
import { caseSnapshots, diskSnapshots } from './ecs-case-snapshots.ts';
import { closeLaunchSources } from './ecs-close-launchers.ts';
import { deleteInstances } from './ecs-delete.ts';
import { keepInstances } from './ecs-keep.ts';
import { launchSources } from './ecs-launchers.ts';
import { lockSnapshots } from './ecs-lock.ts';
import { quarantinePlaces } from './ecs-places.ts';
import { quarantineGroups } from './ecs-quarantine-group.ts';
import { quarantine } from './ecs-quarantine.ts';
import { rogueInstances } from './ecs-rogue.ts';
import { detachRole } from './ecs-role.ts';
import { snapshotDisks } from './ecs-snapshot.ts';
import { stop } from './ecs-stop.ts';
import { volatile } from './ecs-volatile.ts';
import { disableLogins, limitAccessKeys } from './ims.ts';
import { softState } from './ims-soft.ts';
import { disableAccessKeys } from './ram.ts';
import { deleteAccessKeys, keyState } from './ram-delete.ts';
import { denyOwner, denyRole, denyUsers } from './ram-deny.ts';
import { quickLook } from './ram-look.ts';
import { keysOff } from './ram-off.ts';
import { rebuildRole } from './ram-rebuild.ts';
import { closeTrust, roleLook, roleRecord, theirRoles } from './ram-role.ts';
import { theirUsers } from './ram-users.ts';
import { whoAmI } from './sts.ts';

export const actions: Readonly<Record<string, Action | Collector>> = {
  'sts.whoAmI': whoAmI,
  'ram.quickLook': quickLook,
  'ram.disableAccessKeys': disableAccessKeys,
  'ram.keysOff': keysOff,
  'ram.keyState': keyState,
  'ram.deleteAccessKeys': deleteAccessKeys,
  'ram.theirUsers': theirUsers,
  'ram.denyOwner': denyOwner,
  'ram.denyUsers': denyUsers,
  'ram.roleLook': roleLook,
  'ram.roleRecord': roleRecord,
  'ram.theirRoles': theirRoles,
  'ram.denyRole': denyRole,
  'ram.closeTrust': closeTrust,
  'ram.rebuildRole': rebuildRole,
  'ims.limitAccessKeys': limitAccessKeys,
  'ims.softState': softState,
  'ims.disableLogins': disableLogins,
  'actiontrail.keyRecord': keyRecord,
  'actiontrail.logging': logging,
  'actiontrail.startLogging': startTrail,
  'actiontrail.quiet': quiet,
  'actiontrail.others': others,
  'ecs.launchSources': launchSources,
  'ecs.closeLaunchSources': closeLaunchSources,
  'ecs.rogueInstances': rogueInstances,
  'ecs.keepInstances': keepInstances,
  'ecs.volatile': volatile,
  'ecs.quarantinePlaces': quarantinePlaces,
  'ecs.quarantineGroups': quarantineGroups,
  'ecs.quarantine': quarantine,
  'ecs.detachRole': detachRole,
  'ecs.snapshotDisks': snapshotDisks,
  'ecs.caseSnapshots': caseSnapshots,
  'ecs.lockSnapshots': lockSnapshots,
  'ecs.stopInstances': stop,
  'ecs.burn': burn,
  'ecs.diskSnapshots': diskSnapshots,
  'ecs.deleteInstances': deleteInstances,
};

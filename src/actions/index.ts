// The registry: every action and collector by its name. Adding one is adding one key.
import { others } from './actiontrail-others.ts';
import { quiet } from './actiontrail-quiet.ts';
import { keyRecord } from './actiontrail-record.ts';
import { logging, startTrail } from './actiontrail-trails.ts';
import type { Action, Collector } from './define.ts';
import { burn } from './ecs-burn.ts';
import { rogueInstances } from './ecs-rogue.ts';
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
import { closeTrust, roleLook, roleRecord } from './ram-role.ts';
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
  'ecs.rogueInstances': rogueInstances,
  'ecs.volatile': volatile,
  'ecs.snapshotDisks': snapshotDisks,
  'ecs.stopInstances': stop,
  'ecs.burn': burn,
};

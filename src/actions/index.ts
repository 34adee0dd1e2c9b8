// The registry: every action and collector by its name. Adding one is adding one key.
import { quiet } from './actiontrail-quiet.ts';
import { keyRecord } from './actiontrail-record.ts';
import { logging, startTrail } from './actiontrail-trails.ts';
import type { Action, Collector } from './define.ts';
import { burn } from './ecs-burn.ts';
import { rogueInstances } from './ecs-rogue.ts';
import { snapshotDisks } from './ecs-snapshot.ts';
import { stop } from './ecs-stop.ts';
import { volatile } from './ecs-volatile.ts';
import { disableAccessKeys } from './ram.ts';
import { quickLook } from './ram-look.ts';
import { keysOff } from './ram-off.ts';
import { whoAmI } from './sts.ts';

export const actions: Readonly<Record<string, Action | Collector>> = {
  'sts.whoAmI': whoAmI,
  'ram.quickLook': quickLook,
  'ram.disableAccessKeys': disableAccessKeys,
  'ram.keysOff': keysOff,
  'actiontrail.keyRecord': keyRecord,
  'actiontrail.logging': logging,
  'actiontrail.startLogging': startTrail,
  'actiontrail.quiet': quiet,
  'ecs.rogueInstances': rogueInstances,
  'ecs.volatile': volatile,
  'ecs.snapshotDisks': snapshotDisks,
  'ecs.stopInstances': stop,
  'ecs.burn': burn,
};

// The registry: every action and collector by its name. Adding one is adding one key.
import type { Action, Collector } from './define.ts';
import { disableAccessKeys } from './ram.ts';
import { quickLook } from './ram-look.ts';
import { whoAmI } from './sts.ts';

export const actions: Readonly<Record<string, Action | Collector>> = {
  'sts.whoAmI': whoAmI,
  'ram.quickLook': quickLook,
  'ram.disableAccessKeys': disableAccessKeys,
};

// ECS 2014-05-26: the table of its calls. Their parts are in ecs-*.ts.
import type { Product } from './call.ts';
import { account } from './ecs-account.ts';
import { attributes } from './ecs-attributes.ts';
import { disks } from './ecs-disks.ts';
import { evidence } from './ecs-evidence.ts';
import { groups } from './ecs-groups.ts';
import { instances } from './ecs-instances.ts';
import { launches } from './ecs-launch.ts';
import { network } from './ecs-network.ts';
import { power } from './ecs-power.ts';
import { provisioning } from './ecs-provisioning.ts';
import { roles } from './ecs-roles.ts';
import { snapshotGroups } from './ecs-snapshot-groups.ts';
import { snapshotLocks } from './ecs-snapshot-locks.ts';
import { snapshots } from './ecs-snapshots.ts';

export const ecs: Product = {
  name: 'ecs',
  version: '2014-05-26',
  service: 'Ecs',
  auth: 'ecs',
  global: false,
  resourceType: 'ACS::ECS::Instance',
  denied: { code: 'Forbidden.RAM', message: "User not authorized to operate on the specified resource, or this API doesn't support RAM." },
  operations: {
    ...account,
    ...instances,
    ...attributes,
    ...roles,
    ...launches,
    ...power,
    ...provisioning,
    ...disks,
    ...snapshots,
    ...snapshotGroups,
    ...snapshotLocks,
    ...groups,
    ...network,
    ...evidence,
  },
};

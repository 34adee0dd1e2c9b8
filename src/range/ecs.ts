// ECS 2014-05-26: the table of its calls. Their parts are in ecs-*.ts.
import { read } from './call.ts';
import type { Operation, Product } from './call.ts';
import { instances } from './ecs-instances.ts';
import { power } from './ecs-power.ts';

const account: Readonly<Record<string, Operation>> = {
  DescribeRegions: read(['AcceptLanguage', 'InstanceChargeType', 'ResourceType'], ({ world }) => ({
    Regions: { Region: world.seed.regions.map((id) => ({ RegionId: id, RegionEndpoint: `ecs.${id}.aliyuncs.com`, LocalName: id, Status: 'available' })) },
  })),
};

export const ecs: Product = {
  name: 'ecs',
  version: '2014-05-26',
  service: 'Ecs',
  auth: 'ecs',
  global: false,
  denied: { code: 'Forbidden.RAM', message: "User not authorized to operate on the specified resource, or this API doesn't support RAM." },
  operations: { ...account, ...instances, ...power },
};

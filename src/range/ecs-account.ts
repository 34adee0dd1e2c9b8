// ECS: regions, prices, tags, the account's limits.
import { ApiError, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';

const limits: Readonly<Record<string, (context: Context) => string>> = {
  'instance-network-type': () => 'vpc',
  'max-security-groups': () => '100',
  'max-postpaid-instance-vcpu-count': () => '800',
  'used-postpaid-instance-vcpu-count': ({ world, region }) =>
    String([...world.instances.values()].filter((one) => one.region === region && one.charge === 'PostPaid').reduce((sum, one) => sum + one.cpu, 0)),
};

/** Where the tags of each kind of resource are. */
const tagged: Readonly<Record<string, (context: Context, id: string) => { readonly region: string; readonly tags: Map<string, string> } | undefined>> = {
  instance: ({ world }, id) => world.instances.get(id),
  disk: ({ world }, id) => world.disks.get(id),
  snapshot: ({ world }, id) => world.snapshots.get(id),
  securitygroup: ({ world }, id) => world.securityGroups.get(id),
};

function price(context: Context) {
  const { world, p } = context;
  const type = p.text('InstanceType');
  const hourly = type === undefined ? undefined : world.seed.prices.instances[type];
  if (type === undefined || hourly === undefined) throw new ApiError(404, 'InvalidInstanceType.ValueNotSupported', 'The specified InstanceType is not supported here.');
  const unit = p.text('PriceUnit') ?? 'Hour';
  if (unit !== 'Hour') throw new ApiError(400, 'InvalidPriceUnit.ValueNotSupported', 'Only prices per hour are known here.');
  const disk = (category = 'cloud_essd', size = '40'): number => (world.seed.prices.diskPerGiB[category] ?? 0) * Number(size);
  const parts = [
    { Resource: 'instanceType', price: hourly },
    { Resource: 'systemDisk', price: disk(p.text('SystemDisk.Category'), p.text('SystemDisk.Size')) },
    ...p.objects('DataDisk').map((one) => ({ Resource: 'dataDisk', price: disk(one['Category'], one['Size']) })),
  ];
  const amount = p.whole('Amount', 1, [1, 1000]);
  const rounded = (value: number): number => Math.round(value * amount * 1_000_000) / 1_000_000;
  const of = (value: number) => ({ OriginalPrice: rounded(value), DiscountPrice: 0, TradePrice: rounded(value) });
  return {
    Currency: 'CNY',
    ...of(parts.reduce((sum, part) => sum + part.price, 0)),
    DetailInfos: { DetailInfo: parts.map((part) => ({ Resource: part.Resource, ...of(part.price) })) },
  };
}

export const account: Readonly<Record<string, Operation>> = {
  DescribeRegions: read(['AcceptLanguage', 'InstanceChargeType', 'ResourceType'], ({ world, hidden }) => ({
    Regions: { Region: (hidden ? [] : world.seed.regions).map((id) => ({ RegionId: id, RegionEndpoint: `ecs.${id}.aliyuncs.com`, LocalName: id, Status: 'available' })) },
  })),
  DescribePrice: read(['RegionId!', 'ResourceType', 'InstanceType', 'PriceUnit', 'Amount', 'SystemDisk.Category', 'SystemDisk.Size', 'DataDisk.N'], (context) => ({
    PriceInfo: { Price: price(context), Rules: { Rule: [] } },
  })),
  DescribeAccountAttributes: read(['RegionId!', 'AttributeName.N', 'ZoneId'], (context) => {
    const wanted = context.p.list('AttributeName');
    const names = Object.keys(limits).filter((name) => wanted.length === 0 || wanted.includes(name));
    return {
      AccountAttributeItems: { AccountAttributeItem: names.map((name) => ({ AttributeName: name, AttributeValues: { ValueItem: [{ Value: limits[name]?.(context) ?? '' }] } })) },
    };
  }),
  TagResources: write(
    ['RegionId!', 'ResourceType!', 'ResourceId.N!', 'Tag.N!'],
    (context) => {
      const { p, region } = context;
      const kind = p.need('ResourceType').toLowerCase();
      const find = tagged[kind];
      if (!find) throw new ApiError(404, 'InvalidResourceType.NotFound', 'The specified ResourceType is not found.');
      const ids = p.list('ResourceId');
      const tags = p.objects('Tag');
      if (ids.length > 50) throw new ApiError(400, 'NumberExceed.ResourceIds', 'The number of resource ids exceeds the limit.');
      if (tags.length > 20) throw new ApiError(400, 'NumberExceed.Tags', 'The number of tags exceeds the limit.');
      const found = ids.map((id) => {
        const resource = find(context, id);
        if (!resource || resource.region !== region) throw new ApiError(404, 'InvalidResourceId.NotFound', 'The specified ResourceId is not found.');
        return resource;
      });
      let changed = false;
      for (const { tags: own } of found) {
        for (const { Key = '', Value = '' } of tags) {
          changed ||= own.get(Key) !== Value;
          own.set(Key, Value);
        }
      }
      return { targets: ids, changed, body: {} };
    },
    { resources: (p) => p.list('ResourceId').map((id) => `${p.need('ResourceType').toLowerCase()}/${id}`) },
  ),
};

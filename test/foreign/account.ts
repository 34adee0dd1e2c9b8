// A small account behind the foreign server: users, keys, instances, disks, snapshots, trails, a log. Written from the public shapes alone.
import { createHash } from 'node:crypto';
import { Refusal, type Caller, type ForeignOptions, type Handler } from '../support/foreign-server.ts';
import { measuresOf } from './measures.ts';

export type Key = { readonly id: string; status: 'Active' | 'Inactive'; readonly created: string };
export type User = { readonly name: string; readonly id: string; readonly keys: Key[] };
export type Machine = {
  readonly id: string;
  readonly region: string;
  readonly image?: string;
  readonly created: string;
  status: string;
  stoppedMode?: string;
  autoRelease?: string;
  protection?: boolean;
  readonly charge?: string;
  readonly locked?: boolean;
  /** Refuses the stop inside HTTP 200 with this code. */
  readonly stubborn?: string;
  readonly disks: readonly { readonly id: string; readonly category: string }[];
};
export type Trail = { readonly name: string; readonly home: string; logging: boolean; readonly organization?: boolean; readonly shadow?: boolean };
export type LogEvent = Record<string, unknown> & {
  readonly eventName: string;
  readonly eventTime: string;
  readonly acsRegion?: string;
  readonly userIdentity: Record<string, unknown>;
};
export type Effect = {
  readonly action: string;
  readonly region: string;
  readonly targets: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly by: string;
};

export type World = {
  readonly account: string;
  readonly regions: readonly string[];
  readonly users: User[];
  readonly rootKeys: readonly string[];
  readonly machines: Machine[];
  readonly snapshots: {
    readonly id: string;
    readonly name: string;
    readonly disk: string;
    readonly region: string;
    readonly token: string;
    readonly tag: string;
    readonly readyAt: number;
  }[];
  readonly trails: Trail[];
  readonly events: LogEvent[];
  readonly callers: Caller[];
  /** The most rows any page holds. */
  readonly page: number;
  /** The log can only be searched by these; anything else finds nothing. */
  readonly searchable?: readonly string[];
  /** How long a stop and a snapshot take; default: done at once. */
  readonly slowMs?: number;
};

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const identityField: Readonly<Record<string, (event: LogEvent) => unknown>> = {
  EventAccessKeyId: ({ userIdentity }) => userIdentity['accessKeyId'],
  User: ({ userIdentity }) => userIdentity['userName'],
  EventName: ({ eventName }) => eventName,
};

/** What a server needs to be this account. `effects` grows with everything that changed it: the only witness a test should believe. */
export function accountOf(world: World, options: Partial<ForeignOptions> = {}): { readonly options: ForeignOptions; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  return {
    effects,
    options: {
      callers: () => world.callers.filter(({ accessKeyId }) => keyOf(world, accessKeyId)?.status !== 'Inactive'),
      handlers: handlersOf(world, (effect) => void effects.push(effect)),
      ...options,
    },
  };
}

function keyOf(world: World, id: string): Key | undefined {
  return world.users.flatMap(({ keys }) => keys).find((key) => key.id === id);
}

function handlersOf(world: World, changed: (effect: Effect) => void): Readonly<Record<string, Handler>> {
  const userNamed = (name: string | undefined): User => {
    const user = world.users.find((each) => each.name === name);
    if (!user) throw new Refusal(404, 'EntityNotExist.User', 'The user does not exist.');
    return user;
  };
  /** RAM's trap: without a name the call is about the caller. */
  const userOr = (name: string | undefined, caller: Caller): User => userNamed(name ?? caller.userName);
  const regional = (region: string): string => {
    if (!world.regions.includes(region)) throw new Refusal(404, 'InvalidRegionId.NotFound', 'The specified RegionId does not exist.');
    return region;
  };
  const machineIn = (region: string, id: string | undefined): Machine => {
    const machine = world.machines.find((each) => each.id === id && each.region === regional(region));
    if (!machine) throw new Refusal(404, 'InvalidInstanceId.NotFound', 'The specified InstanceId does not exist.');
    settle(machine);
    return machine;
  };
  const stopping = new Map<string, number>();
  const settle = (machine: Machine): void => {
    const at = stopping.get(machine.id);
    if (machine.status === 'Stopping' && at !== undefined && Date.now() >= at) machine.status = 'Stopped';
  };
  const paged = <T>(rows: readonly T[], token: string | undefined, most: string | undefined): { readonly rows: readonly T[]; readonly next: string } => {
    const start = Number(token ?? '0');
    const size = Math.min(world.page, Number(most ?? '10'));
    return { rows: rows.slice(start, start + size), next: start + size < rows.length ? String(start + size) : '' };
  };
  const regions = (): Record<string, unknown> => ({
    Regions: { Region: world.regions.map((RegionId) => ({ RegionId, LocalName: RegionId, RegionEndpoint: `ecs.${RegionId}.example.com` })) },
  });

  return {
    ...measuresOf(world, machineIn, changed),
    'sts:GetCallerIdentity': ({ caller }) => ({
      AccountId: world.account,
      Arn: caller.arn,
      IdentityType: caller.type,
      PrincipalId: caller.principal,
      UserId: `#${caller.principal.replaceAll(/\D/g, '') || '1'}`,
    }),
    'ram:ListUsers': ({ params }) => {
      const { rows, next } = paged(world.users, params['Marker'], params['MaxItems']);
      return {
        Users: { User: rows.map(({ name, id }) => ({ UserName: name, UserId: `#${id}`, CreateDate: '2024-02-02T02:02:02Z' })) },
        IsTruncated: next !== '',
        ...(next === '' ? {} : { Marker: next }),
      };
    },
    'ram:ListAccessKeys': ({ params, caller }) => {
      const { keys } = userOr(params['UserName'], caller);
      return { AccessKeys: keys.length === 0 ? {} : { AccessKey: keys.map(({ id, status, created }) => ({ AccessKeyId: id, Status: status, CreateDate: created })) } };
    },
    'ram:UpdateAccessKey': ({ params, region, caller }) => {
      const user = userOr(params['UserName'], caller);
      const key = user.keys.find(({ id }) => id === params['UserAccessKeyId']);
      if (!key) throw new Refusal(404, 'EntityNotExist.User.AccessKey', 'The access key does not exist.');
      key.status = params['Status'] as Key['status'];
      changed({ action: 'UpdateAccessKey', region, targets: [key.id], params, by: caller.accessKeyId });
      return {};
    },
    'ram:ListGroupsForUser': () => ({ Groups: {} }),
    'ram:GetLoginProfile': () => {
      throw new Refusal(404, 'EntityNotExist.User.LoginProfile', 'login policy not exists');
    },
    'actiontrail:DescribeRegions': regions,
    'actiontrail:LookupEvents': ({ params, region }) => {
      const [key = '', value = ''] = [params['LookupAttribute.1.Key'], params['LookupAttribute.1.Value']];
      const [from, to] = [Date.parse(params['StartTime'] ?? ''), Date.parse(params['EndTime'] ?? '')];
      if (!(to - from <= 30 * 86_400_000) || from < Date.now() - 90 * 86_400_000) throw new Refusal(400, 'InvalidQueryParameter', 'The specified query parameter is invalid.');
      const { NextToken, ...query } = params;
      // All parameters stay the same from page to page.
      const stamp = createHash('sha256')
        .update(JSON.stringify(Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : 1))))
        .digest('hex')
        .slice(0, 12);
      if (NextToken !== undefined && !NextToken.startsWith(`${stamp}.`)) throw new Refusal(400, 'InvalidParameterNextToken', 'The specified NextToken is invalid.');
      const open = world.searchable === undefined || world.searchable.includes(key);
      const found = world.events.filter(
        (event) =>
          open &&
          (event.acsRegion ?? 'cn-hangzhou') === regional(region) &&
          identityField[key]?.(event) === value &&
          Date.parse(event.eventTime) >= from &&
          Date.parse(event.eventTime) <= to,
      );
      const { rows, next } = paged(
        found.toSorted((a, b) => (a.eventTime < b.eventTime ? 1 : -1)),
        NextToken?.slice(13),
        params['MaxResults'],
      );
      return { Events: rows, StartTime: params['StartTime'], EndTime: params['EndTime'], ...(next === '' ? {} : { NextToken: `${stamp}.${next}` }) };
    },
    'actiontrail:DescribeTrails': ({ region }) => ({
      TrailList: world.trails
        .filter(({ home, shadow }) => home === region || shadow === true)
        .map(({ name, home, logging, organization }) => ({
          Name: name,
          HomeRegion: home,
          TrailRegion: 'All',
          EventRW: 'All',
          Status: logging ? 'Enable' : 'Disable',
          IsOrganizationTrail: organization === true,
        })),
    }),
    'actiontrail:GetTrailStatus': ({ params, region }) => {
      const trail = world.trails.find(({ name, home }) => name === params['Name'] && home === region);
      if (!trail || (trail.organization === true && params['IsOrganizationTrail'] !== 'true'))
        throw new Refusal(404, 'TrailNotFoundException', 'The specified Trail does not exist.');
      return { IsLogging: trail.logging, OssBucketStatus: true, ...(trail.logging ? {} : { StopLoggingTime: iso(Date.now() - 3_600_000) }) };
    },
    'actiontrail:StartLogging': ({ params, region, caller }) => {
      const trail = world.trails.find(({ name, home }) => name === params['Name'] && home === region);
      if (!trail) throw new Refusal(404, 'TrailNotFoundException', 'The specified Trail does not exist.');
      trail.logging = true;
      changed({ action: 'StartLogging', region, targets: [trail.name], params, by: caller.accessKeyId });
      return {};
    },
    'ecs:DescribeRegions': regions,
    'ecs:DescribeInstances': ({ params, region }) => {
      if (params['DryRun'] === 'true') throw new Refusal(400, 'DryRunOperation', 'Request validation has been passed with DryRun flag set.');
      const ids = params['InstanceIds'] === undefined ? undefined : (JSON.parse(params['InstanceIds']) as string[]);
      const all = world.machines.filter((machine) => machine.region === regional(region) && (ids?.includes(machine.id) ?? true));
      all.forEach(settle);
      const { rows, next } = paged(all, params['NextToken'], params['MaxResults']);
      return { TotalCount: all.length, PageSize: world.page, PageNumber: 1, NextToken: next, Instances: { Instance: rows.map(describe) } };
    },
    'ecs:DescribeDisks': ({ params, region }) => {
      const all = machineIn(region, params['InstanceId']).disks;
      const { rows, next } = paged(all, params['NextToken'], params['MaxResults']);
      return {
        TotalCount: all.length,
        NextToken: next,
        Disks: { Disk: rows.map(({ id, category }) => ({ DiskId: id, Category: category, InstanceId: params['InstanceId'], RegionId: region, Size: 40, Status: 'In_use' })) },
      };
    },
    'ecs:DescribeUserData': ({ params, region }) => ({ InstanceId: machineIn(region, params['InstanceId']).id, RegionId: region, UserData: '' }),
    'ecs:GetInstanceConsoleOutput': ({ params, region }) => ({
      InstanceId: machineIn(region, params['InstanceId']).id,
      ConsoleOutput: 'Ym9vdA==',
      LastUpdateTime: iso(Date.now()),
    }),
    'ecs:DescribeSnapshots': ({ params, region }) => {
      const disks = params['InstanceId'] === undefined ? undefined : machineIn(region, params['InstanceId']).disks.map(({ id }) => id);
      const all = world.snapshots
        .filter(
          (each) =>
            each.region === regional(region) &&
            (disks?.includes(each.disk) ?? true) &&
            each.disk === (params['DiskId'] ?? each.disk) &&
            each.name === (params['SnapshotName'] ?? each.name) &&
            (params['SnapshotIds'] === undefined || (JSON.parse(params['SnapshotIds']) as string[]).includes(each.id)) &&
            (params['Tag.1.Key'] === undefined || tagOf(params) === each.tag),
        )
        .map(({ id, name, disk, readyAt }) => ({
          SnapshotId: id,
          SnapshotName: name,
          SourceDiskId: disk,
          Status: Date.now() >= readyAt ? 'accomplished' : 'progressing',
          Progress: Date.now() >= readyAt ? '100%' : '20%',
        }))
        .filter(({ Status }) => Status === (params['Status'] ?? Status));
      const { rows, next } = paged(all, params['NextToken'], params['MaxResults']);
      return { TotalCount: all.length, NextToken: next, Snapshots: { Snapshot: rows } };
    },
    'ecs:CreateSnapshot': ({ params, region, caller }) => {
      const { DiskId = '', SnapshotName = '', ClientToken = '' } = params;
      if (!world.machines.some((machine) => machine.region === region && machine.disks.some(({ id }) => id === DiskId)))
        throw new Refusal(404, 'InvalidDiskId.NotFound', 'The specified disk does not exist.');
      const known = world.snapshots.find(({ token }) => token === ClientToken);
      if (known) return { SnapshotId: known.id };
      const id = `s-${createHash('sha256')
        .update(DiskId + String(world.snapshots.length))
        .digest('hex')
        .slice(0, 12)}`;
      world.snapshots.push({ id, name: SnapshotName, disk: DiskId, region, token: ClientToken, tag: tagOf(params), readyAt: Date.now() + (world.slowMs ?? 0) });
      changed({ action: 'CreateSnapshot', region, targets: [DiskId], params, by: caller.accessKeyId });
      return { SnapshotId: id };
    },
    'ecs:StopInstances': ({ params, region, caller }) => {
      const ids = Object.entries(params).flatMap(([name, value]) => (/^InstanceId\.\d+$/.test(name) ? [value] : []));
      const stopped: string[] = [];
      const rows = ids.map((id) => {
        const machine = world.machines.find((each) => each.id === id && each.region === region);
        if (!machine) return { InstanceId: id, Code: 'InvalidInstanceId.NotFound', Message: 'The specified InstanceId does not exist.' };
        settle(machine);
        const before = machine.status;
        if (machine.stubborn !== undefined || before !== 'Running')
          return {
            InstanceId: id,
            Code: machine.stubborn ?? 'IncorrectInstanceStatus',
            Message: 'The current status of the resource does not support this operation.',
            PreviousStatus: before,
            CurrentStatus: before,
          };
        machine.status = 'Stopping';
        machine.stoppedMode =
          machine.charge === 'PrePaid' || machine.disks.some(({ category }) => category.startsWith('local')) ? 'KeepCharging' : (params['StoppedMode'] ?? 'KeepCharging');
        stopping.set(id, Date.now() + (world.slowMs ?? 0));
        stopped.push(id);
        return { InstanceId: id, Code: '200', Message: 'success', PreviousStatus: before, CurrentStatus: 'Stopping' };
      });
      if (stopped.length > 0) changed({ action: 'StopInstances', region, targets: stopped, params, by: caller.accessKeyId });
      return { InstanceResponses: { InstanceResponse: rows } };
    },
  };
}

function tagOf(params: Readonly<Record<string, string>>): string {
  return `${params['Tag.1.Key'] ?? ''}=${params['Tag.1.Value'] ?? ''}`;
}

/** What a description may leave out, it leaves out. */
function describe({ id, region, image, created, status, stoppedMode, charge, locked, disks, protection, autoRelease }: Machine): Record<string, unknown> {
  return {
    InstanceId: id,
    InstanceName: id,
    RegionId: region,
    Status: status,
    CreationTime: created,
    InstanceType: 'ecs.gn7i-c16g1.4xlarge',
    InstanceChargeType: charge ?? 'PostPaid',
    InstanceNetworkType: 'vpc',
    ...(image === undefined ? {} : { ImageId: image }),
    ...(status === 'Stopped' && stoppedMode !== undefined ? { StoppedMode: stoppedMode } : {}),
    ...(locked === true ? { OperationLocks: { LockReason: [{ LockReason: 'security' }] } } : { OperationLocks: {} }),
    ...(disks.some(({ category }) => category.startsWith('local')) ? { LocalStorageAmount: 1, LocalStorageCapacity: 894 } : {}),
    ...(protection === undefined ? {} : { DeletionProtection: protection }),
    ...(autoRelease === undefined ? {} : { AutoReleaseTime: autoRelease }),
    PublicIpAddress: {},
    Tags: {},
  };
}

// ActionTrail: trails, which deliver the log elsewhere. Stopping one does not touch the event history.
import { ApiError, read, write } from './call.ts';
import type { Context, Operation, Params } from './call.ts';
import { isoOrEmpty } from './ecs-shape.ts';
import { iso } from './world.ts';
import type { Trail } from './world.ts';

const onTrail = { resources: (p: Params) => [`trail/${p.text('Name') ?? '*'}`] };
const fields = ['EventRW', 'TrailRegion', 'OssBucketName', 'OssKeyPrefix', 'OssWriteRoleArn', 'SlsProjectArn', 'SlsWriteRoleArn'] as const;

function trailOf(context: Context): Trail {
  const trail = context.world.trails.get(context.p.need('Name'));
  if (!trail) throw new ApiError(404, 'TrailNotFoundException', 'The specified trail does not exist.');
  return trail;
}

const setting = (trail: Trail) => ({
  Name: trail.name,
  HomeRegion: trail.home,
  EventRW: trail.events,
  TrailRegion: trail.regions,
  OssBucketName: trail.bucket,
  OssKeyPrefix: trail.prefix,
  OssWriteRoleArn: trail.ossRole,
  SlsProjectArn: trail.slsProject,
  SlsWriteRoleArn: trail.slsRole,
});

const described = (account: string, trail: Trail) => ({
  ...setting(trail),
  Region: trail.home,
  Status: trail.logging ? 'Enable' : trail.started === undefined ? 'Fresh' : 'Disable',
  CreateTime: iso(trail.created),
  UpdateTime: iso(trail.updated),
  StartLoggingTime: isoOrEmpty(trail.started),
  StopLoggingTime: isoOrEmpty(trail.stopped),
  IsOrganizationTrail: false,
  OrganizationId: '',
  OssBucketLocation: trail.bucket === '' ? '' : `oss-${trail.home}`,
  TrailArn: `acs:actiontrail:${trail.home}:${account}:trail/${trail.name}`,
});

/** Sets what a call gives; what it leaves out falls back to the documented default, which is the trap of UpdateTrail. */
function apply(context: Context, trail: Trail, defaultEvents: string): void {
  const { p, at } = context;
  const events = p.text('EventRW') ?? defaultEvents;
  if (!['Write', 'Read', 'All'].includes(events)) throw new ApiError(400, 'InvalidQueryParameter', 'The EventRW must be Write, Read or All.');
  trail.events = events;
  trail.regions = p.text('TrailRegion') ?? trail.regions;
  trail.bucket = p.text('OssBucketName') ?? trail.bucket;
  trail.prefix = p.text('OssKeyPrefix') ?? trail.prefix;
  trail.slsProject = p.text('SlsProjectArn') ?? trail.slsProject;
  trail.ossRole = p.text('OssWriteRoleArn') ?? trail.ossRole;
  trail.slsRole = p.text('SlsWriteRoleArn') ?? trail.slsRole;
  trail.updated = at;
}

export const trails: Readonly<Record<string, Operation>> = {
  DescribeTrails: read(['NameList', 'IncludeOrganizationTrail', 'IncludeShadowTrails'], (context) => {
    const { world, p, hidden } = context;
    const names = p.text('NameList')?.split(',');
    const found = hidden ? [] : [...world.trails.values()].filter((trail) => names === undefined || names.includes(trail.name));
    return { TrailList: found.map((trail) => described(world.seed.account.id, trail)) };
  }),
  GetTrailStatus: read(
    ['Name!', 'IsOrganizationTrail'],
    (context) => {
      const trail = trailOf(context);
      const delivered = trail.logging ? context.at : trail.stopped;
      return {
        IsLogging: trail.logging,
        StartLoggingTime: isoOrEmpty(trail.started),
        StopLoggingTime: isoOrEmpty(trail.stopped),
        LatestDeliveryTime: trail.bucket === '' ? '' : isoOrEmpty(delivered),
        LatestDeliveryError: '',
        LatestDeliveryLogServiceTime: trail.slsProject === '' ? '' : isoOrEmpty(delivered),
        LatestDeliveryLogServiceError: '',
        OssBucketStatus: trail.bucket !== '',
        SlsLogStoreStatus: trail.slsProject !== '',
      };
    },
    onTrail,
  ),
  StartLogging: write(
    ['Name!'],
    (context) => {
      const trail = trailOf(context);
      const changed = !trail.logging;
      if (changed) Object.assign(trail, { logging: true, started: context.at, updated: context.at });
      return { targets: [trail.name], changed, body: {} };
    },
    onTrail,
  ),
  StopLogging: write(
    ['Name!'],
    (context) => {
      const trail = trailOf(context);
      const changed = trail.logging;
      if (changed) Object.assign(trail, { logging: false, stopped: context.at, updated: context.at });
      return { targets: [trail.name], changed, body: {} };
    },
    { ...onTrail, method: 'GET' },
  ),
  CreateTrail: write(
    ['Name!', 'IsOrganizationTrail', ...fields],
    (context) => {
      const { world, p, at, region } = context;
      const name = p.need('Name');
      if (!/^[a-z][a-z0-9_-]{5,35}$/.test(name)) throw new ApiError(400, 'InvalidTrailNameException', 'The trail name is not valid.');
      if (world.trails.has(name)) throw new ApiError(400, 'TrailAlreadyExistsException', 'The trail already exists.');
      if (p.text('OssBucketName') === undefined && p.text('SlsProjectArn') === undefined)
        throw new ApiError(400, 'InvalidDeliveryConfigurationException', 'A trail needs an OSS bucket or an SLS project.');
      // A trail made by API stays off until StartLogging.
      const trail: Trail = {
        name,
        home: region,
        created: at,
        updated: at,
        regions: 'All',
        events: 'All',
        logging: false,
        started: undefined,
        stopped: undefined,
        bucket: '',
        prefix: '',
        slsProject: '',
        slsRole: '',
        ossRole: '',
      };
      apply(context, trail, 'All');
      world.trails.set(name, trail);
      return { targets: [name], body: setting(trail) };
    },
    onTrail,
  ),
  UpdateTrail: write(
    ['Name!', ...fields],
    (context) => {
      const trail = trailOf(context);
      apply(context, trail, 'Write');
      return { targets: [trail.name], body: setting(trail) };
    },
    onTrail,
  ),
  DeleteTrail: write(
    ['Name!'],
    (context) => {
      const trail = trailOf(context);
      context.world.trails.delete(trail.name);
      return { targets: [trail.name], body: {} };
    },
    onTrail,
  ),
};

// ActionTrail: last use of a key, trails and whether they deliver. Knows nothing of events; see events.ts.
import type { Call } from './define.ts';
import { homeRegion, named, read, write } from './wire.ts';

/** Owner and last call of a key, up to 400 days back, an hour late. */
export function getAccessKeyLastUsedInfo(accessKeyId: string): Call {
  return read('actiontrail', 'GetAccessKeyLastUsedInfo', { AccessKey: named('AccessKey id', accessKeyId) });
}

export function getAccessKeyLastUsedProducts(accessKeyId: string): Call {
  return read('actiontrail', 'GetAccessKeyLastUsedProducts', { AccessKey: named('AccessKey id', accessKeyId) });
}

/** Only for one product at a time: the API wants its name. */
export function getAccessKeyLastUsedIps(accessKeyId: string, serviceName: string): Call {
  return read('actiontrail', 'GetAccessKeyLastUsedIps', {
    AccessKey: named('AccessKey id', accessKeyId),
    ServiceName: named('product name', serviceName),
    PageSize: '100',
  });
}

export function describeTrails(region: string = homeRegion): Call {
  return read('actiontrail', 'DescribeTrails', { IncludeOrganizationTrail: 'true', IncludeShadowTrails: 'true' }, region);
}

/** An organisation's trail has to be asked for as one. */
export function getTrailStatus(name: string, region: string, organization = false): Call {
  return read('actiontrail', 'GetTrailStatus', { Name: named('trail name', name), ...(organization ? { IsOrganizationTrail: 'true' } : {}) }, region);
}

export function startLogging(name: string, region: string): Call {
  return write('actiontrail', 'StartLogging', { Name: named('trail name', name) }, region);
}

export function stopLogging(name: string, region: string): Call {
  return write('actiontrail', 'StopLogging', { Name: named('trail name', name) }, region);
}

// Snapshots as this case knows them: the groups they are made in, where they are found again. Decides nothing.
import type { JsonObject } from '../text.ts';
import type { Call, Reader, Refused } from './define.ts';
import type { Snapshot } from './ecs.ts';
import { describeSnapshots, pageAfter, readPages, snapshotsIn } from './ecs.ts';
import { listAt, named, numbered, read, textAt, write, yesAt } from './wire.ts';

const caseTag = 'firebreak-case';

export type NewSnapshotGroup = { readonly instanceId: string; readonly diskIds: readonly string[]; readonly name: string; readonly clientToken: string; readonly caseId: string };

/** All disks at one moment: at most 16 of the ESSD family. */
export function createSnapshotGroup(region: string, { instanceId, diskIds, name, clientToken, caseId }: NewSnapshotGroup): Call {
  return write(
    'ecs',
    'CreateSnapshotGroup',
    {
      InstanceId: named('instance id', instanceId),
      ...numbered('DiskId', diskIds),
      Name: named('snapshot group name', name),
      ClientToken: named('client token', clientToken),
      'Tag.1.Key': caseTag,
      'Tag.1.Value': named('case id', caseId),
    },
    region,
  );
}

export function describeSnapshotGroups(region: string, filter: Readonly<Record<string, string>>, token = ''): Call {
  return read('ecs', 'DescribeSnapshotGroups', { ...filter, MaxResults: '100', ...pageAfter(token) }, region);
}

/** The snapshots of an answer to DescribeSnapshotGroups, under the name of their group: a snapshot there has no state but its group's. */
export function groupedIn(body: JsonObject): readonly Snapshot[] {
  return listAt(body, 'SnapshotGroups', 'SnapshotGroup').flatMap((group) =>
    listAt(group, 'Snapshots', 'Snapshot').map((row) => ({
      id: textAt(row, 'SnapshotId'),
      name: textAt(group, 'Name'),
      diskId: textAt(row, 'SourceDiskId'),
      status: textAt(group, 'Status') === 'failed' ? 'failed' : yesAt(row, 'Available') || textAt(row, 'Progress') === '100%' ? 'accomplished' : textAt(group, 'Status'),
      progress: textAt(row, 'Progress'),
    })),
  );
}

/** Everything this case has snapped in a region, alone or in groups, each once. */
export async function snapshotsOfCase(
  reader: Reader,
  region: string,
  caseId: string,
  seal: { readonly kind: string; readonly target?: string },
  instanceId?: string,
): Promise<readonly Snapshot[] | Refused> {
  const filter = { 'Tag.1.Key': caseTag, 'Tag.1.Value': named('case id', caseId), ...(instanceId === undefined ? {} : { InstanceId: instanceId }) };
  const [single, groups] = await Promise.all([
    readPages(reader, (token) => describeSnapshots(region, filter, token), seal),
    readPages(reader, (token) => describeSnapshotGroups(region, filter, token), seal),
  ]);
  if ('refusal' in single) return single;
  if ('refusal' in groups) return groups;
  const found = [...single.bodies.flatMap(snapshotsIn), ...groups.bodies.flatMap(groupedIn)];
  return [...new Map(found.map((each) => [each.id, each])).values()];
}

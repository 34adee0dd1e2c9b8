// What still stands when the case ends, and nobody here removed: keys, users, rights, machines, snapshots. Pure.
import type { Reading } from './read.ts';
import type { ActionRow, FindingRow } from './rows.ts';
import type { Containment, OpenItem } from './shape.ts';
import { listAt, say, some, stringAt, valueAt } from './values.ts';

/** Changes that stay until somebody takes them back. What is listed in another way (keys, users, machines) is not among them. */
const lasting: ReadonlySet<string> = new Set([
  'UpdateUser',
  'CreateLoginProfile',
  'UpdateLoginProfile',
  'AttachPolicyToUser',
  'AttachPolicyToGroup',
  'AttachPolicyToRole',
  'AttachPolicy',
  'AddUserToGroup',
  'CreatePolicy',
  'CreatePolicyVersion',
  'SetDefaultPolicyVersion',
  'CreateRole',
  'UpdateRole',
  'CreateSAMLProvider',
  'CreateOIDCProvider',
  'CreateAppSecret',
  'BindMFADevice',
  'UnbindMFADevice',
  'SetSecurityPreference',
  'SetPasswordPolicy',
  'CreateAutoProvisioningGroup',
  'CreateSecurityGroup',
  'AuthorizeSecurityGroup',
  'CreateSnapshot',
  'ModifyImageSharePermission',
  'UpdateTrail',
  'DeleteTrail',
  'UpdateGlobalEventsStorageRegion',
  'PutBucketAcl',
  'PutBucketPolicy',
  'PutBucketLifecycle',
  'ScheduleKeyDeletion',
]);
const reached = ['done', 'already'];

export function remainsOf(reading: Reading, findings: readonly FindingRow[], actions: readonly ActionRow[], { cut, rung }: Containment): readonly OpenItem[] {
  const items: OpenItem[] = [];
  const seqOf = (rows: readonly { readonly seq: number }[]): { readonly seq?: number } => (rows[0] ? { seq: rows[0].seq } : {});
  if (cut.length > 0 && (rung === 'disabled' || rung === 'by-hand')) {
    items.push({ what: say(`Disabled, not deleted: ${some(cut)}. Who may write RAM can enable them again.`, `已禁用但未删除：${some(cut)}。有 RAM 写权限者可重新启用。`) });
  }
  const users = listAt(reading.facts['suspectUsers']).flatMap((user) => (valueAt(user, 'made') === true ? [stringAt(user, 'userName')] : []));
  if (users.length > 0) {
    items.push({ what: say(`The users they made still exist, with their rights: ${some(users)}.`, `对方新建的用户及其权限仍然存在：${some(users)}。`) });
  }
  const changes = findings.filter(({ eventName, severity }) => severity !== 'low' && lasting.has(eventName ?? ''));
  const said = [...new Map(changes.map(({ what }) => [what.en, what])).values()];
  if (said.length > 0) {
    const [en, zh] = [said.map((what) => what.en), said.map((what) => what.zh)];
    items.push({ what: say(`They did this, and nothing here takes it back: ${some(en)}.`, `以下是对方所做且本案未撤销的改动：${some(zh)}。`), ...seqOf(changes) });
  }
  const stops = done(actions, 'StopInstances');
  if (stops.targets.length > 0) {
    const count = stops.targets.length;
    items.push({
      what: say(
        `Machines are stopped, not released: ${count}. Their disks cost on, and who may can start them again.`,
        `实例只是停止，并未释放：${count} 台。磁盘继续计费，有权限者可再次启动。`,
      ),
      ...seqOf(stops.rows),
    });
  }
  const snapshots = done(actions, 'CreateSnapshot');
  if (snapshots.targets.length > 0) {
    const tag = `firebreak-case=${reading.opened.case}`;
    items.push({
      what: say(
        `Snapshots kept as evidence, of ${snapshots.targets.length} machines (tag ${tag}): they cost until deleted.`,
        `作为证据保留的快照，涉及 ${snapshots.targets.length} 台实例（标签 ${tag}）：删除前持续计费。`,
      ),
      ...seqOf(snapshots.rows),
    });
  }
  return items;
}

/** What one of our calls reached, by the newest word on each target. */
function done(actions: readonly ActionRow[], name: string): { readonly targets: readonly string[]; readonly rows: readonly ActionRow[] } {
  const rows = actions.filter(({ action }) => action === name);
  const newest = new Map(rows.flatMap(({ verified }) => verified.map(({ target, status }) => [target, status] as const)));
  return { rows, targets: [...newest].filter(([, status]) => reached.includes(status)).map(([target]) => target) };
}

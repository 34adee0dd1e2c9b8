// What is done to users, machines and snapshots beside cutting and stopping, in the small account: policies, protection, locks, launch sources.
import { Refusal, type Caller, type Handler } from '../support/foreign-server.ts';
import type { Effect, Machine, World } from './account.ts';

type Policy = { readonly name: string; readonly type: string };

/** The handlers of these calls. `machineIn` finds a machine or refuses; `changed` is told of every change. */
export function measuresOf(world: World, machineIn: (region: string, id: string | undefined) => Machine, changed: (effect: Effect) => void): Readonly<Record<string, Handler>> {
  const documents = new Map<string, string>();
  const attached = new Map<string, readonly Policy[]>();
  const locks = new Map<string, { readonly duration: string; readonly coolOff: string }>();
  const policiesOf = (name: string): readonly Policy[] => attached.get(name) ?? [{ name: 'AdministratorAccess', type: 'System' }];
  const effect = (action: string, targets: readonly string[], { params, region, caller }: { params: Effect['params']; region: string; caller: Caller }): void =>
    changed({ action, region, targets, params, by: caller.accessKeyId });
  const userNamed = (name = ''): string => {
    if (!world.users.some((user) => user.name === name)) throw new Refusal(404, 'EntityNotExist.User', 'The user does not exist.');
    return name;
  };
  const noRows = (list: string, row: string) => () => ({ TotalCount: 0, PageNumber: 1, PageSize: 50, [list]: { [row]: [] } });

  return {
    'ram:CreatePolicy': (asked) => {
      const { PolicyName = '', PolicyDocument = '' } = asked.params;
      if (documents.has(PolicyName)) throw new Refusal(409, 'EntityAlreadyExists.Policy', 'The policy already exists.');
      documents.set(PolicyName, PolicyDocument);
      effect('CreatePolicy', [PolicyName], asked);
      return { Policy: { PolicyName, PolicyType: 'Custom', DefaultVersion: 'v1' } };
    },
    'ram:GetPolicy': ({ params }) => {
      const document = documents.get(params['PolicyName'] ?? '');
      if (document === undefined) throw new Refusal(404, 'EntityNotExist.Policy', 'The policy does not exist.');
      return {
        Policy: { PolicyName: params['PolicyName'], PolicyType: 'Custom', DefaultVersion: 'v1' },
        DefaultPolicyVersion: { VersionId: 'v1', IsDefaultVersion: true, PolicyDocument: document },
      };
    },
    'ram:AttachPolicyToUser': (asked) => {
      const name = userNamed(asked.params['UserName']);
      const policy = { name: asked.params['PolicyName'] ?? '', type: asked.params['PolicyType'] ?? '' };
      if (policy.type === 'Custom' && !documents.has(policy.name)) throw new Refusal(404, 'EntityNotExist.Policy', 'The policy does not exist.');
      if (policiesOf(name).some((each) => each.name === policy.name)) throw new Refusal(409, 'EntityAlreadyExists.User.Policy', 'The policy is already attached to the user.');
      attached.set(name, [...policiesOf(name), policy]);
      effect('AttachPolicyToUser', [name], asked);
      return {};
    },
    'ram:ListPoliciesForUser': ({ params }) => ({
      Policies: {
        Policy: policiesOf(userNamed(params['UserName'])).map(({ name, type }) => ({
          PolicyName: name,
          PolicyType: type,
          DefaultVersion: 'v1',
          AttachDate: '2024-02-02T02:02:02Z',
        })),
      },
    }),
    'ecs:DescribeAutoProvisioningGroups': noRows('AutoProvisioningGroups', 'AutoProvisioningGroup'),
    'ecs:DescribeLaunchTemplates': noRows('LaunchTemplateSets', 'LaunchTemplateSet'),
    'ecs:DescribeSnapshotGroups': () => ({ NextToken: '', SnapshotGroups: {} }),
    'ecs:ModifyInstanceAutoReleaseTime': (asked) => {
      const machine = machineIn(asked.region, asked.params['InstanceId']);
      machine.autoRelease = asked.params['AutoReleaseTime'] ?? '';
      effect('ModifyInstanceAutoReleaseTime', [machine.id], asked);
      return {};
    },
    'ecs:ModifyInstanceAttribute': (asked) => {
      const machine = machineIn(asked.region, asked.params['InstanceId']);
      if (asked.params['DeletionProtection'] === undefined) throw new Refusal(400, 'MissingParameter', 'Only its protection can be changed here.');
      if (machine.charge === 'PrePaid') throw new Refusal(403, 'InvalidParameter.DeletionProtection', 'Deletion protection only supports pay-as-you-go instances.');
      machine.protection = asked.params['DeletionProtection'] === 'true';
      effect('ModifyInstanceAttribute', [machine.id], asked);
      return {};
    },
    'ecs:LockSnapshot': (asked) => {
      const { SnapshotId = '', LockMode, CoolOffPeriod = '0', LockDuration = '' } = asked.params;
      if (!world.snapshots.some(({ id, region }) => id === SnapshotId && region === asked.region)) throw new Refusal(404, 'InvalidSnapshotId.NotFound', 'No such snapshot.');
      if (LockMode !== 'compliance') throw new Refusal(400, 'InvalidParameter.LockMode', 'The specified lock mode is not valid.');
      locks.set(SnapshotId, { duration: LockDuration, coolOff: CoolOffPeriod });
      effect('LockSnapshot', [SnapshotId], asked);
      return { SnapshotId, LockMode, LockStatus: 'compliance-cooloff' };
    },
    'ecs:DescribeLockedSnapshots': ({ params }) => ({
      LockedSnapshotsInfo: Object.entries(params).flatMap(([name, id]) => {
        const lock = /^SnapshotIds\.\d+$/.test(name) ? locks.get(id) : undefined;
        return lock === undefined
          ? []
          : [{ SnapshotId: id, LockMode: 'compliance', LockStatus: 'compliance-cooloff', LockDuration: Number(lock.duration), CoolOffPeriod: Number(lock.coolOff) }];
      }),
    }),
  };
}

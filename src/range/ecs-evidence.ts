// ECS: what is lost when an instance stops or goes: console output, screenshot, user data, Cloud Assistant history.
import { ApiError, read } from './call.ts';
import type { Context, Operation } from './call.ts';
import { instanceOf, page, pageParams } from './ecs-shape.ts';
import { iso, statusOf } from './world.ts';
import type { Instance, Invocation } from './world.ts';

const screenshotEveryMs = 10_000;
/** The smallest picture there is; the instance's id goes into its comment, so that no two are alike. */
const pixel = Buffer.from(
  '/9j/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=',
  'base64',
);

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const onInstance = { resources: (p: { need(name: string): string }) => [`instance/${p.need('InstanceId')}`] };

function picture(instance: Instance): string {
  const comment = Buffer.from(instance.id);
  const marker = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([pixel.subarray(0, 2), marker, comment, pixel.subarray(2)]).toString('base64');
}

function output(context: Context, instance: Instance, one: Invocation, include: boolean) {
  const at = iso(one.at);
  const status = one.exitCode === 0 ? 'Success' : 'Failed';
  return {
    InstanceId: instance.id,
    InvocationStatus: status,
    InstanceInvokeStatus: 'Finished',
    CreationTime: at,
    StartTime: at,
    FinishTime: at,
    UpdateTime: at,
    StopTime: '',
    ExitCode: one.exitCode,
    Repeats: 1,
    Dropped: 0,
    Timed: false,
    ErrorCode: '',
    ErrorInfo: '',
    Output: include && !context.hidden ? base64(one.output) : '',
  };
}

export const evidence: Readonly<Record<string, Operation>> = {
  GetInstanceConsoleOutput: read(
    ['RegionId!', 'InstanceId!', 'RemoveSymbols'],
    (context) => {
      const instance = instanceOf(context);
      if (instance.os === 'windows') throw new ApiError(405, 'NotSupported', 'This instance does not support console output.');
      return { InstanceId: instance.id, ConsoleOutput: base64(instance.console), LastUpdateTime: iso(instance.started) };
    },
    onInstance,
  ),
  GetInstanceScreenshot: read(
    ['RegionId!', 'InstanceId!', 'WakeUp'],
    (context) => {
      const { world, at } = context;
      const instance = instanceOf(context);
      if (statusOf(instance, at) !== 'Running') throw new ApiError(405, 'IncorrectInstanceStatus', 'The current status of the resource does not support this operation.');
      const key = `screenshot ${instance.id}`;
      const last = world.recent.get(key)?.at(-1);
      if (last !== undefined && at - last < screenshotEveryMs)
        throw new ApiError(429, 'Throttling', 'Request was denied due to request throttling: one screenshot of an instance every 10 seconds.');
      world.recent.set(key, [at]);
      return { InstanceId: instance.id, Screenshot: picture(instance) };
    },
    onInstance,
  ),
  DescribeUserData: read(
    ['RegionId!', 'InstanceId!'],
    (context) => {
      const instance = instanceOf(context);
      return { RegionId: instance.region, InstanceId: instance.id, UserData: base64(instance.userData) };
    },
    onInstance,
  ),
  DescribeInvocations: read(
    ['RegionId!', 'InstanceId', 'InvokeId', 'CommandName', 'IncludeOutput', 'ContentEncoding', ...pageParams],
    (context) => {
      const { world, p, region } = context;
      const found = [...world.instances.values()]
        .filter((instance) => instance.region === region && (p.text('InstanceId') ?? instance.id) === instance.id)
        .flatMap((instance) =>
          instance.invocations
            .filter((one) => (p.text('InvokeId') ?? one.id) === one.id && (p.text('CommandName') ?? one.name) === one.name)
            .map((one) => ({ id: one.id, one, instance })),
        );
      const { items, frame } = page(context, found, 50);
      const plain = p.text('ContentEncoding') === 'PlainText';
      return {
        Invocations: {
          Invocation: items.map(({ one, instance }) => ({
            InvokeId: one.id,
            CommandId: `c-${one.id.slice(2)}`,
            CommandName: one.name,
            CommandType: 'RunShellScript',
            CommandDescription: '',
            CommandContent: plain ? one.content : base64(one.content),
            CreationTime: iso(one.at),
            Frequency: '',
            Timed: false,
            RepeatMode: 'Once',
            Timeout: 60,
            Username: 'root',
            WorkingDir: '/root',
            Parameters: '{}',
            InvokeStatus: 'Finished',
            InvocationStatus: one.exitCode === 0 ? 'Success' : 'Failed',
            InvokeInstances: { InvokeInstance: [output(context, instance, one, p.flag('IncludeOutput'))] },
            Tags: { Tag: [] },
          })),
        },
        ...frame,
      };
    },
    { resources: () => ['instance/*'] },
  ),
};

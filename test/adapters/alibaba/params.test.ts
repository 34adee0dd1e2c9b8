import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { unknownParameters, type RequestModel } from '../../../src/adapters/alibaba/params.ts';

const require = createRequire(import.meta.url);
/** One model file each: the whole packages take seconds. */
const { StopInstancesRequest } = require('@alicloud/ecs20140526/dist/models/StopInstancesRequest.js') as { readonly StopInstancesRequest: RequestModel };
const { DescribeInstancesRequest } = require('@alicloud/ecs20140526/dist/models/DescribeInstancesRequest.js') as { readonly DescribeInstancesRequest: RequestModel };
const { UpdateAccessKeyRequest } = require('@alicloud/ram20150501/dist/models/UpdateAccessKeyRequest.js') as { readonly UpdateAccessKeyRequest: RequestModel };

describe('parameters against the SDK request model', () => {
  it('knows the wire names, repeated and nested ones', () => {
    expect(unknownParameters(UpdateAccessKeyRequest, ['UserName', 'UserAccessKeyId', 'Status'])).toEqual([]);
    expect(unknownParameters(StopInstancesRequest, ['RegionId', 'InstanceId.1', 'InstanceId.100', 'StoppedMode'])).toEqual([]);
    expect(unknownParameters(DescribeInstancesRequest, ['Tag.1.Key', 'Tag.2.Value', 'InstanceIds', 'AdditionalAttributes.1'])).toEqual([]);
  });
  it.each(['UserAccessKeyID', 'userName', 'UserName.1', 'Status2'])('finds the typo %s', (name) => {
    expect(unknownParameters(UpdateAccessKeyRequest, [name])).toEqual([name]);
  });
  it.each(['InstanceId', 'InstanceId.0', 'InstanceId.x', 'InstanceIds', 'InstanceId.1.Id'])('finds the wrong form %s', (name) => {
    expect(unknownParameters(StopInstancesRequest, [name])).toEqual([name]);
  });
  it.each(['Tag.Key', 'Tag.1.key', 'Tag.1', 'Tag.1.Key.1'])('finds the wrong nesting %s', (name) => {
    expect(unknownParameters(DescribeInstancesRequest, [name])).toEqual([name]);
  });
  it('knows only RegionId where an action takes nothing', () => {
    expect(unknownParameters(undefined, ['RegionId', 'UserName'])).toEqual(['UserName']);
  });
});

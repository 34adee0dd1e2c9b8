// A runbook that does everything about rogue machines but release them: for tests of the acts under the real engine.
import { aRunbookText, type StepSource } from './runbooks.ts';

const on = (next: string) => ({ all: next, some: next, none: next });
const suspects = { accessKeyId: '$accessKeyId', suspects: '$suspects', suspectUsers: '$suspectUsers', sessions: '$sessions' };

/** An approval and its act; both ways out lead to `next`. */
const acting = (id: string, use: string, over: string, next: string, args: Readonly<Record<string, string | number>> = {}): readonly StepSource[] => [
  { id: `approve-${id}`, kind: 'approve', act: id, verb: 'do', on: { approved: id, declined: next } },
  { id, kind: 'act', use, over, with: args, on: on(next) },
];
const looking = (id: string, use: string, next: string, args: Readonly<Record<string, string>> = {}): StepSource => ({ id, kind: 'collect', use, with: args, on: on(next) });

export const machinesBook = aRunbookText({
  id: 'machines',
  inputs: { accessKeyId: { title: { en: 'Which key?', zh: '哪个密钥？' }, format: 'access-key-id', example: 'LTAI5tEXAMPLEleaked00001' } },
  steps: [
    { id: 'who', kind: 'collect', use: 'sts.whoAmI', skip: false, on: { all: 'confirm', some: 'confirm', none: 'closed' } },
    { id: 'confirm', kind: 'approve', confirm: 'account', verb: 'confirm', skip: false, on: { approved: 'look', declined: 'closed' } },
    looking('look', 'ram.quickLook', 'launchers', { accessKeyId: '$accessKeyId' }),
    looking('launchers', 'ecs.launchSources', 'approve-close', suspects),
    ...acting('close', 'ecs.closeLaunchSources', 'launchSources', 'rogue'),
    looking('rogue', 'ecs.rogueInstances', 'approve-keep', { ...suspects, launched: '$launched' }),
    ...acting('keep', 'ecs.keepInstances', 'rogue', 'volatile'),
    { id: 'volatile', kind: 'collect', use: 'ecs.volatile', over: 'rogue', on: { ...on('places'), none: 'closed' } },
    looking('places', 'ecs.quarantinePlaces', 'approve-groups', { rogue: '$rogue' }),
    ...acting('groups', 'ecs.quarantineGroups', 'quarantinePlaces', 'places-built'),
    looking('places-built', 'ecs.quarantinePlaces', 'approve-quarantine', { rogue: '$rogue' }),
    ...acting('quarantine', 'ecs.quarantine', 'rogue', 'approve-roles', { places: '$quarantinePlaces' }),
    ...acting('roles', 'ecs.detachRole', 'rogue', 'approve-snapshots'),
    ...acting('snapshots', 'ecs.snapshotDisks', 'rogue', 'mine'),
    looking('mine', 'ecs.caseSnapshots', 'approve-lock', { rogue: '$rogue' }),
    ...acting('lock', 'ecs.lockSnapshots', 'caseSnapshots', 'approve-stop', { coolOffHours: 24, lockDays: 7 }),
    ...acting('stop', 'ecs.stopInstances', 'rogue', 'closed'),
    { id: 'closed', kind: 'end', as: 'handled' },
  ],
});

// Reading back, after the cut, that every key of the suspects is off: whoever switched it off, here or by hand. Changes nothing.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Reader, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import { keysOf, listAccessKeys } from './ram.ts';
import { Loose } from './suspects.ts';
import { listAt, pool, textAt, why } from './wire.ts';

export const keysOff = defineCollector({
  summary: { en: 'Read back that the keys are off', zh: '核对密钥已禁用' },
  calls: ['ram:ListAccessKeys'],
  input: z.object({ accessKeyId: z.string().min(8), suspects: z.array(Loose).default([]) }),
  gives: ['stillOn'],
  async slice(reader, context): Promise<Slice> {
    const leaked = textAt(context.input, 'accessKeyId');
    const suspects = listAt(context.input, 'suspects').map((suspect) => ({ id: textAt(suspect, 'id'), userName: textAt(suspect, 'data', 'userName') }));
    const keys = suspects.some(({ id }) => id === leaked) ? suspects : [{ id: leaked, userName: '' }, ...suspects];
    const states = await pool(keys, 5, async ({ id, userName }) => ({ id, state: await read(reader, id, userName) }));
    const open = states.flatMap(({ id, state }) => (state === 'off' ? [] : [{ id, active: state === active, en: `${id}: ${state.en}`, zh: `${id}：${state.zh}` }]));
    const stillOn = open.map(({ id, en, zh }): JsonObject => ({ id, en, zh }));
    const notLooked = open.flatMap(({ active: on, en, zh }): Text[] => (on ? [] : [{ en, zh }]));
    return { outcome: open.length === 0 ? 'all' : 'some', facts: { stillOn }, ...(notLooked.length === 0 ? {} : { coverage: { notLooked } }) };
  },
});

const active: Text = { en: 'still active', zh: '仍然有效' };
const ownerless: Text = { en: 'nobody here may read it (a root key, or its owner is not known)', zh: '此处无法读取（主账号密钥，或所有者未知）' };

/** A key that its user no longer has opens nothing. */
async function read(reader: Reader, id: string, userName: string): Promise<'off' | Text> {
  if (userName === '') return ownerless;
  const reply = await reader.read(listAccessKeys(userName), { kind: 'read-back', target: id });
  if (!reply.ok) return reply.refusal === 'gone' ? 'off' : { en: `not read: ${why(reply).en}`, zh: `未能读取：${why(reply).zh}` };
  return keysOf(reply.body).find(({ accessKeyId }) => accessKeyId === id)?.status === 'Active' ? active : 'off';
}

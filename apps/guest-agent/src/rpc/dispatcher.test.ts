import { rpcResponseSchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  makeRpcDispatcher,
  type RpcCaller,
  type RpcHandler,
  type RpcMethods,
} from './dispatcher.ts';
import { paramsOf } from './params.ts';

const done: RpcHandler = {
  scope: undefined,
  call: (params) => {
    paramsOf(params, ['x']);
    return { ok: true, value: 1 };
  },
};
const METHODS: RpcMethods = new Map<string, RpcHandler>(
  Object.entries({
    ping: done,
    get_agent_info: done,
    get_system_info: { ...done, scope: 'metrics' },
    get_network_info: done,
    get_disk_usage: done,
    exec_command: done,
    file_read: {
      scope: undefined,
      call: () => {
        throw new Error('a bug');
      },
    },
    file_write: done,
    shutdown: done,
    reboot: done,
  }),
);
const NOBODY: RpcCaller = { subject: undefined, may: () => false };

const setUp = () => {
  const errors: string[] = [];
  const dispatcher = makeRpcDispatcher(METHODS, (method) => errors.push(method));
  const ask = async (message: unknown): Promise<unknown> => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    const answer = await dispatcher.dispatch(text, NOBODY);
    return answer === undefined ? undefined : JSON.parse(answer);
  };
  return { ask, errors };
};

describe('makeRpcDispatcher', () => {
  it('answers a call with its own id, of whatever kind', async () => {
    const { ask } = setUp();
    for (const id of [0, -1, 1.5, '', 'x', null]) {
      expect(await ask({ jsonrpc: '2.0', method: 'ping', id })).toEqual({
        jsonrpc: '2.0',
        id,
        result: 1,
      });
    }
  });

  it('says nothing to a notification, also where it fails', async () => {
    const { ask } = setUp();
    for (const method of ['ping', 'nothing', 'file_read', 'get_system_info']) {
      expect(await ask({ jsonrpc: '2.0', method })).toBeUndefined();
    }
    expect(await ask([{ jsonrpc: '2.0', method: 'ping' }])).toBeUndefined();
  });

  it.each([
    [{ jsonrpc: '2.0', method: 'ping', id: 1, params: { y: 1 } }, -32602],
    [{ jsonrpc: '2.0', method: '__proto__', id: 1 }, -32601],
    [{ jsonrpc: '2.0', method: 'toString', id: 1 }, -32601],
    [{ jsonrpc: '2.0', method: 'get_system_info', id: 1 }, -32001],
    [{ jsonrpc: '2.0', id: 1 }, -32600],
    [{ method: 'ping', id: 1 }, -32600],
    [{ jsonrpc: '2.0', method: 'ping', id: [1] }, -32600],
  ])('%j is the error %i', async (message, code) => {
    expect(await setUp().ask(message)).toMatchObject({ error: { code } });
  });

  it('keeps a bug to the one call, and tells the log', async () => {
    const { ask, errors } = setUp();
    const answers = await ask([
      { jsonrpc: '2.0', method: 'file_read', id: 1 },
      { jsonrpc: '2.0', method: 'ping', id: 2 },
    ]);
    expect(answers).toMatchObject([
      { id: 1, error: { code: -32603 } },
      { id: 2, result: 1 },
    ]);
    expect(JSON.stringify(answers)).not.toContain('a bug');
    expect(errors).toEqual(['file_read']);
  });

  it('answers anything by the rules', async () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          jsonrpc: fc.constantFrom<unknown>('2.0', '1.0', 2),
          method: fc.oneof(fc.constantFrom(...Object.keys(METHODS), '__proto__'), fc.jsonValue()),
          params: fc.jsonValue(),
          id: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    const message = fc.oneof(part, fc.array(part, { maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          message.map((one) => JSON.stringify(one)),
          fc.string(),
        ),
        async (text) => {
          const answer = await setUp().ask(text);
          if (answer === undefined) return;
          if (Array.isArray(answer)) rpcResponseSchema.array().min(1).parse(answer);
          else rpcResponseSchema.parse(answer);
        },
      ),
      { numRuns: 500 },
    );
  });
});

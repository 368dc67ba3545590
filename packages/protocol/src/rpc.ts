/** JSON-RPC 2.0 (https://www.jsonrpc.org/specification) with an agent: its messages and ten methods. */
import { z } from 'zod';
import { countSchema, nameSchema, pathSchema, unixMsSchema } from './fields.ts';

const idSchema = z.union([z.string(), z.number(), z.null()]);

export const rpcErrorSchema = z.strictObject({
  /**
   * -32700 to -32603 as the specification has them; -32000 it failed, -32001 it may not be done,
   * -32002 it is not there, -32003 it took too long.
   */
  code: z.union([
    z.literal([-32700, -32600, -32601, -32602, -32603]),
    z.literal([-32000, -32001, -32002, -32003]),
  ]),
  message: z.string().min(1).max(2000),
  data: z.unknown().optional(),
});

export const rpcResponseSchema = z.union([
  z.strictObject({ jsonrpc: z.literal('2.0'), id: idSchema, result: z.unknown() }),
  z.strictObject({ jsonrpc: z.literal('2.0'), id: idSchema, error: rpcErrorSchema }),
]);

const encodingSchema = z.enum(['utf8', 'base64']);
const powerResultSchema = z.strictObject({ initiated: z.literal(true), message: z.string() });

/** What each method answers. */
export const rpcResultSchemas = {
  ping: z.strictObject({ pong: z.literal(true), timestamp: unixMsSchema }),
  get_agent_info: z.strictObject({
    version: nameSchema,
    protocol_version: nameSchema,
    platform: z.literal('linux'),
    capabilities: z.array(nameSchema),
  }),
  get_system_info: z.strictObject({
    os_type: z.literal('linux'),
    os_name: nameSchema.nullable(),
    os_version: nameSchema.nullable(),
    kernel_version: nameSchema.nullable(),
    hostname: nameSchema.nullable(),
    architecture: nameSchema,
    cpu_count: countSchema.nullable(),
    total_memory_kb: countSchema.nullable(),
    uptime_seconds: countSchema.nullable(),
  }),
  get_network_info: z.strictObject({
    interfaces: z.array(
      z.strictObject({
        name: nameSchema,
        mac_address: nameSchema.nullable(),
        ipv4_addresses: z.array(nameSchema),
        ipv6_addresses: z.array(nameSchema),
        state: nameSchema.nullable(),
        mtu: countSchema.nullable(),
      }),
    ),
  }),
  get_disk_usage: z.strictObject({
    filesystems: z.array(
      z.strictObject({
        mount_point: pathSchema,
        device: nameSchema,
        fs_type: nameSchema,
        total_bytes: countSchema.nullable(),
        used_bytes: countSchema.nullable(),
        available_bytes: countSchema.nullable(),
        used_percent: z.number().min(0).max(100).nullable(),
      }),
    ),
  }),
  exec_command: z.strictObject({
    exit_code: z.int().nullable(),
    signal: z.string().nullable(),
    stdout: z.string(),
    stderr: z.string(),
    /** How much of the beginning of the output is not here. */
    missing_bytes: countSchema,
    execution_time_ms: countSchema,
  }),
  file_read: z.strictObject({ content: z.string(), encoding: encodingSchema, size: countSchema }),
  file_write: z.strictObject({ success: z.literal(true), bytes_written: countSchema }),
  shutdown: powerResultSchema,
  reboot: powerResultSchema,
} as const;

export type RpcMethod = keyof typeof rpcResultSchemas;
export type RpcResults = { [Method in RpcMethod]: z.infer<(typeof rpcResultSchemas)[Method]> };
export type RpcErrorCode = z.infer<typeof rpcErrorSchema>['code'];

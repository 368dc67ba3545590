/**
 * Connections that JSON-RPC carries where there is nothing else, such as on a virtio-serial port: each
 * is one to the agent's HTTP server. What each method answers; docs/protocol.md has what it takes.
 */
import { z } from 'zod';

/** Of the bytes of one message; base64 makes 44,000 characters of them. */
export const MAX_CARRIED_BYTES = 32 * 1024;

const base64Schema = z.string().max(Math.ceil(MAX_CARRIED_BYTES / 3) * 4);

export const connectionResultSchemas = {
  connection_open: z.strictObject({ opened: z.literal(true) }),
  connection_send: z.strictObject({ taken: z.literal(true) }),
  /** `ended`: the agent has closed it, and this was the last of it. */
  connection_receive: z.strictObject({ data: base64Schema, ended: z.boolean() }),
  connection_close: z.strictObject({ closed: z.literal(true) }),
} as const;

export type ConnectionMethod = keyof typeof connectionResultSchemas;
export type ConnectionResults = {
  [Method in ConnectionMethod]: z.infer<(typeof connectionResultSchemas)[Method]>;
};

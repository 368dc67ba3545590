/** The socket at which an agent is asked, as people read and type it: `vsock:/run/v.sock:1024`. */
import type { AgentSocket } from '@innkeeper/protocol';

export type ParsedSocket =
  | { readonly ok: true; /** Null: none. */ readonly socket: AgentSocket | null }
  | { readonly ok: false; readonly problem: string };

const FORM = /^(?<kind>unix|vsock|virtio):(?<path>\/.*)$/u;
const PORT = /^(?<path>.+):(?<port>\d{1,10})$/u;
const PROBLEM =
  'Must be unix:/path, vsock:/path:port or virtio:/path, with an absolute path of the manager’s machine.';

export const formatAgentSocket = (socket: AgentSocket | null): string => {
  if (socket === null) return '';
  const { kind, path } = socket;
  return kind === 'vsock' ? `${kind}:${path}:${socket.port}` : `${kind}:${path}`;
};

/** Whether the path may be used, the manager says. */
export const parseAgentSocket = (text: string): ParsedSocket => {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, socket: null };
  const { kind, path } = FORM.exec(trimmed)?.groups ?? {};
  if (path === undefined) return { ok: false, problem: PROBLEM };
  if (kind === 'unix' || kind === 'virtio') return { ok: true, socket: { kind, path } };
  const ported = PORT.exec(path)?.groups;
  if (ported?.['path'] === undefined) {
    return { ok: false, problem: 'A vsock needs the port in the guest: vsock:/path:1024.' };
  }
  const socket = { kind: 'vsock', path: ported['path'], port: Number(ported['port']) } as const;
  return { ok: true, socket };
};

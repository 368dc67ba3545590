/** systemd-journal-gatewayd on a journal of the test's own: what serves the journal over HTTP elsewhere. */
import { request } from 'node:http';
import { debianBinary, debianVariables, type DebianProgram } from './debian-package.ts';
import { ask, type HttpAddress } from './http-client.ts';
import { startService, type Service } from './service-process.ts';

/** It listens here, unless an init system hands it a socket. */
const PORT = 19_531;

const PROGRAM: DebianProgram = {
  package: 'systemd-journal-remote',
  path: 'lib/systemd/systemd-journal-gatewayd',
  dependencies: true,
};

export type ObtainedGatewayd =
  | {
      readonly ok: true;
      readonly command: readonly string[];
      readonly address: { readonly host: string; readonly port: number };
    }
  | { readonly ok: false; readonly reason: string };

/** `command` is to be followed by options such as `--directory=…`. */
export const obtainGatewayd = async (): Promise<ObtainedGatewayd> => {
  const obtained = await debianBinary(PROGRAM);
  if (!obtained.ok) return { ok: false, reason: obtained.reason };
  const variables = Object.entries(debianVariables(obtained.path, PROGRAM));
  const settings = variables.map(([name, value]) => `${name}=${value}`);
  const address = { host: '127.0.0.1', port: PORT };
  return { ok: true, command: ['env', ...settings, obtained.path], address };
};

export const startGatewayd = async (
  { command, address }: Extract<ObtainedGatewayd, { ok: true }>,
  folder: string,
): Promise<Service> =>
  startService({
    command: [...command, `--directory=${folder}`],
    isReady: async () => (await ask(address, '/machine')).status === 200,
  });

export interface ExportedEntry {
  readonly cursor: string;
  /** The first of each name. */
  readonly fields: ReadonlyMap<string, Uint8Array>;
}

/** https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-export-format */
const parseExport = (bytes: Buffer): readonly ExportedEntry[] => {
  const entries: ExportedEntry[] = [];
  let fields = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    if (end === at) {
      const cursor = Buffer.from(fields.get('__CURSOR') ?? []).toString();
      entries.push({ cursor, fields });
      fields = new Map();
      at += 1;
      continue;
    }
    const line = bytes.subarray(at, end);
    const equals = line.indexOf('=');
    const name = line.subarray(0, equals === -1 ? undefined : equals).toString();
    let value = line.subarray(equals + 1);
    at = end + 1;
    if (equals === -1) {
      const length = Number(bytes.readBigUInt64LE(at));
      value = bytes.subarray(at + 8, at + 8 + length);
      at += 8 + length + 1;
    }
    if (!fields.has(name)) fields.set(name, value);
  }
  return entries;
};

/** Every entry, whole. */
export const readGatewayd = async (address: HttpAddress): Promise<readonly ExportedEntry[]> =>
  new Promise((resolve, reject) => {
    const headers = { accept: 'application/vnd.fdo.journal' };
    const asked = request({ ...address, path: '/entries', headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => resolve(parseExport(Buffer.concat(chunks))));
    });
    asked.once('error', reject);
    asked.end();
  });

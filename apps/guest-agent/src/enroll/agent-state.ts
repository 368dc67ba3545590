/**
 * What the agent keeps of its enrolment: `state.json` in `state_dir`. The private key in it never
 * leaves the machine, so the file is the owner's alone, and replaced as a whole.
 */
import { decodeBase64, encodeBase64Url } from '../auth/base64url.ts';
import { openStateFolder } from '../files/state-folder.ts';
import { writeFile } from '../files/write-file.ts';
import type { Outcome, Platform, TlsIdentity } from '../platform/platform.ts';

export interface AgentState {
  readonly vmId: string;
  readonly privateKey: Uint8Array;
  /** Of the token that it is, or was, enrolled with; the token itself is not kept. */
  readonly tokenId: string;
  readonly isEnrolled: boolean;
  /** Of the last message to the manager. */
  readonly counter: number;
  /** What the config named when it was enrolled: another list there counts more than `managerKeys`. */
  readonly configKeys: readonly string[];
  /** In base64url, as the manager has told them last. */
  readonly managerKeys: readonly string[];
  /** Undefined: made before there was TLS, or by a build without. */
  readonly tls: TlsIdentity | undefined;
  /** The manager has said that it knows the key of `tls`. */
  readonly isPinned: boolean;
}

/** Of an agent that has not asked yet. */
export const beginState = (
  begun: Pick<AgentState, 'vmId' | 'tokenId' | 'privateKey' | 'configKeys'>,
): AgentState => ({
  ...begun,
  isEnrolled: false,
  counter: 0,
  managerKeys: begun.configKeys,
  tls: undefined,
  isPinned: false,
});

/**
 * As it counts for an agent with these keys in its config. That a manager knows the TLS key holds for
 * that manager: one that somebody has configured in its place may not.
 */
export const underKeys = (state: AgentState, configKeys: readonly string[]): AgentState =>
  state.configKeys.join() === configKeys.join() ? state : { ...state, isPinned: false };

export interface StateFile {
  /** Undefined: there is none. */
  load(): Outcome<AgentState | undefined>;
  save(state: AgentState): Outcome<undefined>;
}

const FILE = 'state.json';
const MODE = 0o600;
export const KEY_BYTES = 32;
const MAX_BYTES = 16 * 1024;

const failed = (code: string, message: string): Outcome<never> => ({
  ok: false,
  error: { code, message },
});

const bytesIn = (fields: ReadonlyMap<string, unknown>, name: string): Uint8Array | undefined => {
  const encoded = fields.get(name);
  return typeof encoded === 'string' ? decodeBase64(encoded) : undefined;
};

const tlsIn = (fields: ReadonlyMap<string, unknown>): TlsIdentity | undefined => {
  const privateKey = bytesIn(fields, 'tls_private_key');
  const certificate = bytesIn(fields, 'tls_certificate');
  if (privateKey?.length !== KEY_BYTES || certificate === undefined) return undefined;
  return { privateKey, certificate };
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const parseState = (text: string): AgentState | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(document));
  const [vmId, tokenId] = [fields.get('vm_id'), fields.get('token_id')];
  const [counter, isEnrolled] = [fields.get('counter'), fields.get('enrolled')];
  const [configKeys, managerKeys] = [fields.get('config_keys'), fields.get('manager_keys')];
  const privateKey = bytesIn(fields, 'private_key');
  if (typeof vmId !== 'string' || typeof tokenId !== 'string') return undefined;
  if (typeof counter !== 'number' || !Number.isSafeInteger(counter)) return undefined;
  if (typeof isEnrolled !== 'boolean' || privateKey?.length !== KEY_BYTES) return undefined;
  if (!isTexts(configKeys) || !isTexts(managerKeys)) return undefined;
  const [tls, isPinned] = [tlsIn(fields), fields.get('tls_pinned') === true];
  return { vmId, tokenId, counter, isEnrolled, privateKey, configKeys, managerKeys, tls, isPinned };
};

const stateText = (state: AgentState): string =>
  `${JSON.stringify({
    vm_id: state.vmId,
    token_id: state.tokenId,
    enrolled: state.isEnrolled,
    counter: state.counter,
    config_keys: state.configKeys,
    manager_keys: state.managerKeys,
    private_key: encodeBase64Url(state.privateKey),
    ...(state.tls !== undefined && {
      tls_private_key: encodeBase64Url(state.tls.privateKey),
      tls_certificate: encodeBase64Url(state.tls.certificate),
      tls_pinned: state.isPinned,
    }),
  })}\n`;

export const makeStateFile = (
  { files, crypto, text, machine }: Pick<Platform, 'files' | 'crypto' | 'text' | 'machine'>,
  folder: string,
): StateFile => {
  const path = `${folder}/${FILE}`;

  return {
    load: () => {
      const read = files.readText(path, { maxBytes: MAX_BYTES, regularOnly: true });
      if (!read.ok) {
        return read.error.code === 'ENOENT' ? { ok: true, value: undefined } : read;
      }
      const state = parseState(read.value);
      if (state !== undefined) return { ok: true, value: state };
      return failed('EINVAL', `${path} is damaged`);
    },
    save: (state) => {
      const opened = openStateFolder(files, folder);
      if (!opened.ok) return opened;
      const place = { folder: opened.value, name: FILE };
      const bytes = text.encodeUtf8(stateText(state));
      const written = writeFile({ crypto, ownUid: machine.uid }, place, bytes, MODE);
      opened.value.close();
      return written.ok
        ? { ok: true, value: undefined }
        : failed('EIO', `${path}: ${written.refusal.message}`);
    },
  };
};

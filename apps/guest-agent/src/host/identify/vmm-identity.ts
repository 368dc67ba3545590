/** What a command line or a config file says about a VM. Undefined where it does not. */
import type { MissingPart, VmmKind } from '@innkeeper/protocol';

export interface VmmIdentity {
  readonly kind: VmmKind;
  readonly uuid: string | undefined;
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly memoryBytes: number | undefined;
  readonly vcpuCount: number | undefined;
  readonly pidfile: string | undefined;
  readonly apiSocket: string | undefined;
  /** Unix sockets on which QEMU itself listens for QMP. */
  readonly qmpSockets: readonly string[];
  readonly metricsPath: string | undefined;
  readonly configFile: string | undefined;
  /** Why what it says is not known, where it may not be read or says nothing. */
  readonly configProblem?: MissingPart;
  readonly taps: readonly string[];
}

export const unidentified = (kind: VmmKind): VmmIdentity => ({
  kind,
  uuid: undefined,
  name: undefined,
  id: undefined,
  memoryBytes: undefined,
  vcpuCount: undefined,
  pidfile: undefined,
  apiSocket: undefined,
  qmpSockets: [],
  metricsPath: undefined,
  configFile: undefined,
  taps: [],
});

const MAX_NAME_CHARACTERS = 256;
const MAX_PATH_CHARACTERS = 4096;
const MAX_TAPS = 64;
const MAX_TAP_CHARACTERS = 15;

/** Names are whatever somebody typed: bounded, and otherwise left as they are. */
export const boundedName = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : text.slice(0, MAX_NAME_CHARACTERS);

/** A path that is cut would be another path. */
export const boundedPath = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text.length > MAX_PATH_CHARACTERS ? undefined : text;

export const boundedTaps = (names: readonly string[]): readonly string[] =>
  [...new Set(names)]
    .filter((name) => name !== '' && name.length <= MAX_TAP_CHARACTERS && !/[\s/]/u.test(name))
    .slice(0, MAX_TAPS);

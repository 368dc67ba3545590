/** Enrolment as the rest of the agent sees it: which keys to trust, and how it goes. */
import type { Health } from '@innkeeper/protocol';
import { decodeBase64, encodeBase64Url } from '../auth/base64url.ts';
import type { Settings } from '../config/settings.ts';
import type { Identity } from '../identity.ts';
import type { Log } from '../log.ts';
import type { Platform } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { makeAgentFacts, type Build } from './agent-facts.ts';
import { makeStateFile, underKeys, type AgentState } from './agent-state.ts';
import { makeAgentTls, type AgentTls } from './agent-tls.ts';
import { makeEnroller, type Enroller } from './enroller.ts';
import { parseManagerPlace } from './manager-place.ts';
import { makeMessages } from './messages.ts';
import { ownAddresses } from './own-addresses.ts';

export interface Enrolling {
  /** The manager's keys, as the config has them or as the manager has told them since. */
  keys(): readonly Uint8Array[];
  /** Null: this agent is not one that enrols itself. */
  status(): Health['enrollment'];
  readonly tls: Pick<AgentTls, 'mode' | 'onIdentity'>;
  /** The manager has asked without TLS, which the agent insists on. */
  askedPlainly(): void;
  /** The port that the agent listens on; undefined: none. */
  start(port: number | undefined): void;
  stop(): void;
}

export interface EnrollingDependencies {
  readonly platform: Platform;
  readonly settings: Settings;
  readonly kernel: KernelFiles;
  readonly identity: Identity;
  readonly build: Build;
  readonly log: Log;
}

/** `ie_`, twelve characters that are no secret, and the secret. */
const TOKEN_ID_START = 3;
const TOKEN_ID_END = 15;

const UNREACHABLE: NonNullable<Health['enrollment']> = {
  state: 'refused',
  code: 'manager_url',
  message:
    'manager_url must be an http URL for the agent to enrol itself: it speaks no TLS, ' +
    'and nothing that it sends there is a secret',
};

export const makeEnrolling = (dependencies: EnrollingDependencies): Enrolling => {
  const { platform, settings, kernel, identity, build, log } = dependencies;
  const { vmId, managerUrl, enrollmentToken, listen } = settings;
  const configKeys = settings.managerKeys.map(encodeBase64Url);
  const stateFile = makeStateFile(platform, settings.stateDir);
  const tls = makeAgentTls(platform, settings.isTlsOn);
  let keys: readonly Uint8Array[] = settings.managerKeys;
  let enroller: Enroller | undefined;
  let unable: Health['enrollment'] = null;

  /** What the manager has told counts for as long as the config names the keys that it told them by. */
  const learn = (state: AgentState): void => {
    const isOfThisConfig = state.isEnrolled && state.configKeys.join() === configKeys.join();
    const told = state.managerKeys.flatMap((key) => decodeBase64(key) ?? []);
    if (isOfThisConfig && told.length > 0) keys = told;
  };

  const loadState = (): AgentState | undefined => {
    if (vmId === undefined) return undefined;
    const loaded = stateFile.load();
    if (!loaded.ok) {
      log.error('the state of the enrolment cannot be read', { reason: loaded.error.message });
      return undefined;
    }
    // Another agent's, on a machine that has two, or of before this one was given another VM.
    if (loaded.value?.vmId !== vmId) return undefined;
    return tls.complete(underKeys(loaded.value, configKeys));
  };

  const state = loadState();
  if (state !== undefined) {
    learn(state);
    tls.use(state);
  }
  const isTakingPart = vmId !== undefined && (enrollmentToken !== undefined || state !== undefined);
  const place = managerUrl === undefined ? undefined : parseManagerPlace(managerUrl);

  return {
    keys: () => keys,
    status: () => enroller?.status() ?? unable,
    tls,
    askedPlainly: () => enroller?.doubt(),
    start: (port) => {
      if (!isTakingPart) return;
      if (place === undefined) {
        unable = UNREACHABLE;
        log.error('cannot enrol', { reason: UNREACHABLE.message });
        return;
      }
      const isManagerLocal = /^(?:127\.|::1$|localhost$)/u.test(place.host);
      const shared = { platform, kernel, identity, build, listen, isManagerLocal };
      const facts = makeAgentFacts(shared);
      enroller = makeEnroller({
        platform,
        log,
        vmId,
        token:
          enrollmentToken === undefined
            ? undefined
            : { id: enrollmentToken.slice(TOKEN_ID_START, TOKEN_ID_END), text: enrollmentToken },
        configKeys,
        state,
        stateFile,
        messages: makeMessages({
          platform,
          place,
          facts: () => facts(port),
          tls,
          keys: () => keys,
        }),
        tls,
        addresses: () => {
          const found = platform.machine.interfaceAddresses();
          return ownAddresses(listen, found.ok ? found.value : [], isManagerLocal).join();
        },
        learn,
      });
      enroller.start();
    },
    stop: () => enroller?.stop(),
  };
};

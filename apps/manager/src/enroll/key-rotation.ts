/**
 * Changes the manager's key without losing an agent: a new one is announced, in answers that the old
 * one signs; when every enrolled agent has had such an answer, the new one takes over by itself. An
 * agent that is off holds that up, and somebody may decide not to wait for it.
 */
import type { ManagerKeyState } from '@innkeeper/protocol';
import type { Database, Queryable } from '../database/database.ts';
import { refuse, type Problem } from '../http/problem.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Log } from '../log.ts';
import type { ChangedBy, Outcome } from '../vms/outcome.ts';
import type { RecordAudit } from '../vms/vm-registry.ts';
import { fingerprintOf } from './signatures.ts';
import { insertKeyEvents } from './sql/insert-key-events.ts';
import { listUntoldAgents, type UntoldAgents } from './sql/list-untold-agents.ts';

export interface KeyRotation {
  describe(): Promise<ManagerKeyState>;
  announce(by: ChangedBy): Promise<Outcome<ManagerKeyState>>;
  complete(by: ChangedBy, force: boolean): Promise<Outcome<ManagerKeyState>>;
  /** An agent has been told the keys: perhaps it was the last one. */
  agentTold(): void;
}

export interface KeyRotationOptions {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly recordAudit: RecordAudit;
  /** Whether the agent that this manager runs by itself was started with that key. */
  readonly localAgentKnows: (publicKey: string) => boolean;
  readonly log: Log;
}

const UNDER_WAY: Problem = {
  status: 409,
  code: 'rotation_under_way',
  message: 'a new key is announced already, or an old one is not retired yet: complete that first',
};
const NOT_UNDER_WAY: Problem = {
  status: 409,
  code: 'no_rotation',
  message: 'no new key is announced; POST /v1/keys/rotate does that',
};
const agentsBehind = (count: number, isLocalBehind: boolean): Problem => ({
  status: 409,
  code: 'agents_behind',
  message:
    `${count} agents do not know the new key yet` +
    (isLocalBehind
      ? ', and the agent of this machine learns it when the manager starts again'
      : '') +
    '; "force": true completes it all the same, and whoever does not know the key needs a new token',
});
const rawOf = (base64: string): Buffer => Buffer.from(base64, 'base64');
const told = (base64: string): string => rawOf(base64).toString('base64url');
const shown = (base64: string) => ({
  public_key: told(base64),
  fingerprint: fingerprintOf(rawOf(base64)),
});

export const makeKeyRotation = (options: KeyRotationOptions): KeyRotation => {
  const { database, keyring, recordAudit, localAgentKnows, log } = options;
  /** Reports may come by the hundred: one look at a time, and one more where some came meanwhile. */
  let isLooking = false;
  let isToLookAgain = false;

  const untold = async (publicKey: string): Promise<UntoldAgents> =>
    listUntoldAgents(database, told(publicKey));

  const describe = async (): Promise<ManagerKeyState> => {
    const [signing = ''] = keyring.publicKeys();
    const announced = keyring.announced();
    const behind = announced === undefined ? undefined : await untold(announced);
    return {
      signing: shown(signing),
      announced: announced === undefined ? null : shown(announced),
      agents_behind: behind?.count ?? 0,
      behind: (behind?.some ?? []).map(({ agentId, name }) => ({ vm_id: agentId, name })),
    };
  };

  const audited =
    (by: ChangedBy, action: string, detail: Readonly<Record<string, unknown>>) =>
    async (transaction: Queryable, publicKey: string): Promise<void> => {
      await recordAudit(transaction, {
        actor: by.actor,
        action,
        target: undefined,
        detail: { key: fingerprintOf(rawOf(publicKey)), ...detail },
        request: by.request,
      });
    };

  const complete = async (by: ChangedBy, force: boolean): Promise<Problem | undefined> => {
    const announced = keyring.announced();
    if (announced === undefined) return NOT_UNDER_WAY;
    const { count } = await untold(announced);
    const isLocalBehind = !localAgentKnows(announced);
    if (!force && (count > 0 || isLocalBehind)) return agentsBehind(count, isLocalBehind);
    const audit = audited(by, 'key.complete', { agents_behind: count, forced: force });
    const fingerprint = fingerprintOf(rawOf(announced));
    const isDone = await keyring.complete(async (transaction, publicKey) => {
      await audit(transaction, publicKey);
      await insertKeyEvents(transaction, {
        publicKey: told(publicKey),
        fingerprint: fingerprintOf(rawOf(publicKey)),
      });
    });
    if (!isDone) return NOT_UNDER_WAY;
    log.info('another key signs', { fingerprint });
    return undefined;
  };

  const look = async (): Promise<void> => {
    isLooking = true;
    try {
      while (isToLookAgain && keyring.announced() !== undefined) {
        isToLookAgain = false;
        await complete({ actor: undefined, request: undefined }, false);
      }
    } finally {
      isLooking = false;
    }
  };

  return {
    describe,
    announce: async (by) => {
      const isNew = await keyring.announce(audited(by, 'key.announce', {}));
      return isNew ? { ok: true, value: await describe() } : refuse(UNDER_WAY);
    },
    complete: async (by, force) => {
      const problem = await complete(by, force);
      return problem === undefined ? { ok: true, value: await describe() } : refuse(problem);
    },
    agentTold: () => {
      isToLookAgain = true;
      if (isLooking) return;
      look().catch((error: unknown) => {
        log.warn('the change of the key could not be completed', { error });
      });
    },
  };
};

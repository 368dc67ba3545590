/** Tokens for agents: made, revoked, and what became of them. */
import type { Enrollment, EnrollmentCreated } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { refuse, type Problem } from '../http/problem.ts';
import type { ChangedBy, Outcome } from '../vms/outcome.ts';
import { LOCAL_VM } from '../vms/vm-problems.ts';
import { LOCAL_HOST } from '../hosts/host-problems.ts';
import type { RecordAudit } from '../vms/vm-registry.ts';
import { describeEnrollment, type SeenRefusal } from './describe-enrollment.ts';
import { makeEnrollmentToken, TOKEN_LIFETIME_MS } from './enrollment-token.ts';
import { PUBLIC_URL_MISSING } from './refusals.ts';
import { clearClone } from './sql/clear-clone.ts';
import { deleteOldTokens } from './sql/delete-old-tokens.ts';
import { getIdentity } from './sql/get-identity.ts';
import { getNewestToken } from './sql/get-newest-token.ts';
import { insertToken } from './sql/insert-token.ts';
import { noteDownload } from './sql/note-download.ts';
import { revokeTokens } from './sql/revoke-tokens.ts';
import { agentIdOf, idOf, isLocal, targetOf, type Subject } from './subject.ts';

export interface Enrollments {
  create(by: ChangedBy, subject: Subject): Promise<Outcome<EnrollmentCreated>>;
  /** Whoever has a token that is not used yet can do nothing with it; a note of a clone goes. */
  revoke(by: ChangedBy, subject: Subject): Promise<void>;
  describe(subject: Subject): Promise<Enrollment>;
  /** Somebody has downloaded the agent for this VM or host. */
  downloaded(subject: Subject): Promise<void>;
  refused(subject: Subject, problem: Problem, remoteAddress: string): void;
  /** What `describe` tells of this subject has changed. */
  changed(subject: Subject): void;
  onChange(listener: (subject: Subject) => void): () => void;
}

export interface EnrollmentsOptions {
  readonly database: Database;
  readonly recordAudit: RecordAudit;
  readonly publicUrl: URL | undefined;
  readonly managerKeys: () => readonly string[];
  readonly clock: Pick<Clock, 'now'>;
}

/** Of those that were refused; the oldest goes first. */
const MAX_REFUSALS = 4096;

/** For a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export const makeEnrollments = (options: EnrollmentsOptions): Enrollments => {
  const { database, recordAudit, publicUrl, managerKeys, clock } = options;
  const listeners = new Set<(subject: Subject) => void>();
  const refusals = new Map<string, SeenRefusal>();

  const changed = (subject: Subject): void => {
    for (const listener of listeners) listener(subject);
  };

  return {
    create: async (by, subject) => {
      if (publicUrl === undefined) return refuse(PUBLIC_URL_MISSING);
      if (isLocal(subject)) return refuse(subject.kind === 'vm' ? LOCAL_VM : LOCAL_HOST);
      const { id, text, hash } = makeEnrollmentToken();
      const createdAt = clock.now();
      const expiresAt = createdAt + TOKEN_LIFETIME_MS;
      await database.transaction(async (transaction) => {
        const revoked = await revokeTokens(transaction, idOf(subject), createdAt);
        await insertToken(transaction, {
          id,
          hash,
          vmId: subject.kind === 'vm' ? subject.vm.id : undefined,
          hostId: subject.kind === 'host' ? subject.host.id : undefined,
          createdAt,
          expiresAt,
        });
        await deleteOldTokens(transaction, idOf(subject));
        await recordAudit(transaction, {
          actor: by.actor,
          action: 'enrollment.create',
          target: targetOf(subject),
          detail: { token_id: id, expires_at: expiresAt, revoked },
          request: by.request,
        });
      });
      refusals.delete(idOf(subject));
      changed(subject);
      // Without a slash at its end, whatever was set.
      const url = publicUrl.href.replace(/\/+$/u, '');
      const agentId = agentIdOf(subject);
      // Whoever brings the command brings the key: the script then checks what it downloads.
      const keys = managerKeys().flatMap((key) => ['--key', key]);
      const flags = ['--manager', quoted(url), '--vm-id', agentId, '--token', text, ...keys];
      if (subject.kind === 'host') flags.push('--role', 'host');
      const command = `curl -fsSL ${quoted(`${url}/install.sh`)} | sh -s -- ${flags.join(' ')}`;
      return {
        ok: true,
        value: {
          vm_id: agentId,
          token: text,
          expires_at: expiresAt,
          manager_url: url,
          manager_keys: [...managerKeys()],
          command,
        },
      };
    },
    revoke: async (by, subject) => {
      await database.transaction(async (transaction) => {
        const revoked = await revokeTokens(transaction, idOf(subject), clock.now());
        await clearClone(transaction, agentIdOf(subject));
        await recordAudit(transaction, {
          actor: by.actor,
          action: 'enrollment.revoke',
          target: targetOf(subject),
          detail: { revoked },
          request: by.request,
        });
      });
      refusals.delete(idOf(subject));
      changed(subject);
    },
    describe: async (subject) =>
      describeEnrollment({
        subject,
        token: await getNewestToken(database, idOf(subject)),
        identity: await getIdentity(database, agentIdOf(subject)),
        refusal: refusals.get(idOf(subject)),
        nowMs: clock.now(),
      }),
    downloaded: async (subject) => {
      const token = await getNewestToken(database, idOf(subject));
      if (token === undefined) return;
      if (await noteDownload(database, token.id, clock.now())) changed(subject);
    },
    refused: (subject, problem, remoteAddress) => {
      const [oldest] = refusals.keys();
      if (refusals.size >= MAX_REFUSALS && oldest !== undefined) refusals.delete(oldest);
      const { code, message } = problem;
      refusals.set(idOf(subject), { code, message, remoteAddress, at: clock.now() });
      changed(subject);
    },
    changed,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

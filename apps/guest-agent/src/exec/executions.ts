/**
 * All executions of this agent: starts them, never one twice, keeps the finished ones for who comes
 * back for them, and ends those that run when the agent ends.
 */
import type { Execution as ExecutionDocument } from '@innkeeper/protocol';
import { encodeBase64Url } from '../auth/base64url.ts';
import type { Refusal } from '../http/message.ts';
import type { Log } from '../log.ts';
import type { Platform } from '../platform/platform.ts';
import { makeEndedExecutions } from './ended-executions.ts';
import type { ExecRequest } from './exec-request.ts';
import { makeExecution, type Execution } from './execution.ts';
import type { OnceMarks } from './once-marks.ts';
import { prepare, type ExecSettings } from './prepare.ts';
import type { ScriptFile } from './script-file.ts';
import { explainStart } from './start-problem.ts';

export type Started =
  | { readonly ok: true; readonly execution: Execution }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Executions {
  /** The execution of this request: a new one, or under a known id the one that there is. */
  run(request: ExecRequest, subject: string | undefined): Promise<Started>;
  find(id: string): Execution | undefined;
  list(): readonly ExecutionDocument[];
  /** How many the end of the agent would end. */
  running(): number;
  /** Ends all, and settles when they have ended or the grace is over. */
  stop(graceMs: number): Promise<void>;
}

export interface ExecutionsDependencies {
  readonly platform: Platform;
  readonly settings: ExecSettings;
  readonly marks: OnceMarks;
  readonly log: Log;
}

const RANDOM_ID_BYTES = 15;
/** What those that run share; the agent has to live in 16 MB with all of it. */
const MAX_RUNNING_BYTES = 4 * 1024 * 1024;
const MOST_OF_ONE_BYTES = 1024 * 1024;
const LEAST_OF_ONE_BYTES = 128 * 1024;
const MAX_LOGGED_CHARACTERS = 500;

const refuse = (status: number, code: string, message: string): Started => ({
  ok: false,
  refusal: { status, code, message },
});

const logged = ({ command }: ExecRequest): string =>
  (command.kind === 'argv' ? command.argv.join(' ') : command.script).slice(
    0,
    MAX_LOGGED_CHARACTERS,
  );

const fingerprintOf = (
  { crypto, text }: Pick<Platform, 'crypto' | 'text'>,
  request: ExecRequest,
): string => {
  const env = [...request.env].sort(([left], [right]) => (left < right ? -1 : 1));
  const whole = JSON.stringify({ ...request, env });
  return encodeBase64Url(crypto.sha256(text.encodeUtf8(whole)));
};

export const makeExecutions = (dependencies: ExecutionsDependencies): Executions => {
  const { platform, settings, marks, log } = dependencies;
  const { clock, crypto, files } = platform;
  const known = new Map<string, Execution>();
  const ended = makeEndedExecutions(clock);
  /** Ended, while the KILL to what they have left behind is to come. */
  const killing = new Set<Execution>();
  /** Ids whose start is under way: a second request waits for the outcome of the first. */
  const starting = new Map<string, Promise<Started>>();
  const running = new Set<Execution>();
  let isStopped = false;

  const find = (id: string): Execution | undefined => ended.find(id) ?? known.get(id);

  const keepBytes = (): number => {
    const share = MAX_RUNNING_BYTES / Math.max(1, running.size);
    return Math.max(LEAST_OF_ONE_BYTES, Math.min(MOST_OF_ONE_BYTES, share));
  };

  const onOver = (execution: Execution, script: ScriptFile | undefined): void => {
    running.delete(execution);
    script?.remove();
    const { id, exit_code, signal, timed_out, duration_seconds, output_bytes } =
      execution.document();
    const end = { exit_code, signal, timed_out, duration_seconds, output_bytes };
    log.info('command ended', { id, ...end });
    known.delete(id);
    ended.add(execution.ended());
    for (const one of killing) if (!one.isKillDue()) killing.delete(one);
    if (execution.isKillDue()) killing.add(execution);
  };

  const start = async (
    id: string,
    fingerprint: string,
    request: ExecRequest,
    subject: string | undefined,
  ): Promise<Started> => {
    const prepared = prepare(platform, settings, request, id);
    if (!prepared.ok) return prepared;
    const { options, userName, script } = prepared;
    // The last thing before it starts: what is refused for another reason has not been begun.
    const claim = request.once && marks.claim(request.once, id);
    if (claim?.ok === false) {
      script?.remove();
      return claim;
    }
    const execution: Execution = makeExecution(platform, {
      id,
      fingerprint,
      request,
      options,
      userName,
      subject,
      keepBytes,
      onOver: () => {
        claim?.ended(execution.document().exit_code);
        onOver(execution, script);
      },
    });
    running.add(execution);
    // Before it runs: a command that ends the agent has been logged.
    const who = { subject: subject ?? null, user: userName ?? null };
    log.info('command starts', { id, ...who, command: logged(request), cwd: request.cwd });
    const started = await execution.start();
    if (started.ok) {
      if (!execution.isOver()) known.set(id, execution);
      return { ok: true, execution };
    }
    running.delete(execution);
    script?.remove();
    claim?.undo();
    log.warn('command cannot start', { id, error: started.error.message });
    const refusal = explainStart(started.error, options.argv[0], request, files);
    return { ok: false, refusal };
  };

  return {
    run: async (request, subject) => {
      const id = request.id ?? encodeBase64Url(crypto.random(RANDOM_ID_BYTES));
      const fingerprint = fingerprintOf(platform, request);
      for (let first = starting.get(id); first !== undefined; first = starting.get(id)) await first;
      const there = find(id);
      if (there !== undefined) {
        if (there.fingerprint === fingerprint) return { ok: true, execution: there };
        return refuse(409, 'conflict', `the id ${JSON.stringify(id)} is that of another command`);
      }
      if (isStopped) return refuse(503, 'stopping', 'the agent is about to end');
      if (running.size >= settings.maxRunning) {
        return refuse(429, 'busy', `${settings.maxRunning} commands are running`);
      }
      const outcome = start(id, fingerprint, request, subject);
      starting.set(id, outcome);
      try {
        return await outcome;
      } finally {
        starting.delete(id);
      }
    },
    find,
    list: () => [...[...known.values()].map((one) => one.document()), ...ended.documents()],
    running: () => running.size,
    stop: async (graceMs) => {
      isStopped = true;
      for (const one of running) one.stop();
      let late: () => void = () => undefined;
      const tooLate = new Promise<void>((resolve) => {
        late = resolve;
      });
      const cancel = clock.after(graceMs, late);
      await Promise.race([Promise.all([...running].map(async (one) => one.over)), tooLate]);
      cancel();
      for (const one of [...running, ...known.values(), ...killing]) one.hurry();
    },
  };
};

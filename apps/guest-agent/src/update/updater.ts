/**
 * The agent's update, from the manager's order to the confirmation of what it has become:
 * download, checksum, a try, the swap, an end that makes the service manager start the new program,
 * and that one's trial. docs/adr/0023 says why it is so.
 */
import type { AgentUpdate, AgentUpdateOrder } from '@innkeeper/protocol';
import { parseManagerPlace } from '../enroll/manager-place.ts';
import type { Refusal } from '../http/message.ts';
import type { Log } from '../log.ts';
import type { Cancel, Platform } from '../platform/platform.ts';
import { compareVersions } from './compare-versions.ts';
import { fetchProgram, type FetchingProgram } from './fetch-program.ts';
import {
  hashProgram,
  placeOf,
  withFolder,
  type OwnProgram,
  type ProgramPlace,
} from './own-program.ts';
import { mayReplace, swap, unstage } from './replace-program.ts';
import { putBack, type TrialStart } from './trial.ts';
import { removeRecord, type TrialRecord } from './trial-record.ts';
import { findRelease, type Release } from './update-order.ts';

type Attempt = NonNullable<AgentUpdate['attempt']>;
type Problem = { readonly code: string; readonly message: string };

export interface Updater {
  status(): AgentUpdate;
  /** Undefined: it is being done. */
  begin(order: AgentUpdateOrder, subject: string | undefined): Refusal | undefined;
  confirm(id: string, subject: string | undefined): Refusal | undefined;
  /** Settles with a reason when the agent has to end, for its program to be started again. */
  readonly restart: Promise<string>;
  stop(): void;
}

export interface UpdaterDependencies {
  readonly platform: Platform;
  readonly own: OwnProgram;
  readonly version: string;
  readonly trial: TrialStart;
  /** May the manager replace this program at all? */
  readonly isOn: boolean;
  readonly vmId: string | undefined;
  readonly managerUrl: string | undefined;
  /** The manager's keys, as they are now. */
  readonly keys: () => readonly Uint8Array[];
  /** Commands that the end of the agent would end. */
  readonly commandsRunning: () => number;
  readonly log: Log;
}

/** So long even after all is done: the answer goes out first. */
const LINGER_MS = 300;
const MAX_MESSAGE = 500;

const refused = (status: number, code: string, message: string): Refusal => ({
  status,
  code,
  message,
});

const firstAttempt = (trial: TrialStart): Attempt | null => {
  if (trial.kind !== 'trial' && trial.kind !== 'returned') return null;
  const { id, version, problem } = trial.record;
  return { id, version, state: trial.kind, problem: problem ?? null };
};

const problemOfPlace = ({ isOn, own, managerUrl }: UpdaterDependencies): Problem | undefined => {
  const no = (message: string): Problem => ({ code: 'not_updatable', message });
  if (!isOn) {
    const how = 'install.sh upgrades it, and so does whatever has installed it';
    return no(`updates are off on this machine (setting updates); ${how}`);
  }
  if (own.file === undefined) return no('the file that this agent was started from is not known');
  if (managerUrl === undefined || parseManagerPlace(managerUrl) === undefined) {
    return no('manager_url must be an http URL: the agent downloads from there');
  }
  return undefined;
};

const recordOf = (
  { id, trial_seconds: trialSeconds }: AgentUpdateOrder,
  { version }: Release,
  from: string,
): TrialRecord => ({
  id,
  state: 'trial',
  version,
  from,
  starts: 0,
  trialSeconds,
  problem: undefined,
});

/** Why this agent does not become that now. */
const problemOfRelease = (
  { platform, own, version, commandsRunning }: UpdaterDependencies,
  program: ProgramPlace | undefined,
  order: AgentUpdateOrder,
  release: Release,
): Refusal | undefined => {
  const difference = compareVersions(release.version, version);
  if (!order.allow_downgrade && (difference === undefined || difference < 0)) {
    const message = `this agent is ${version}, and the manager offers ${release.version}`;
    return refused(409, 'downgrade', `${message}: allow_downgrade is needed`);
  }
  const running = commandsRunning();
  if (running > 0) return refused(409, 'busy', `${running} commands run, and would end with it`);
  if (program === undefined) return undefined;
  const may = withFolder(platform.files, program, (folder) => mayReplace(folder, program.name));
  if (may.ok) return undefined;
  const why = `the agent may not replace ${own.file ?? ''} (${may.error.code})`;
  const how = 'its unit is closed, or it runs as another user; install.sh upgrades it';
  return refused(409, 'not_updatable', `${why}: ${how}`);
};

export const makeUpdater = (dependencies: UpdaterDependencies): Updater => {
  const { platform, own, version, trial, vmId, keys, commandsRunning, log } = dependencies;
  const { files, clock } = platform;
  const refusal = problemOfPlace(dependencies);
  const program = own.file === undefined ? undefined : placeOf(own.file);
  let attempt: Attempt | null = firstAttempt(trial);
  let onTrial: TrialRecord | undefined = trial.kind === 'trial' ? trial.record : undefined;
  let fetching: FetchingProgram | undefined;
  let ownHash: string | null | undefined;
  let isStopped = false;
  const cancels = new Set<Cancel>();
  let restartWith: (reason: string) => void = () => undefined;
  const restart = new Promise<string>((resolve) => {
    restartWith = resolve;
  });

  /** Of what runs: asked before the swap, or by what has just started. */
  const hash = (): string | null => {
    if (ownHash === undefined) {
      ownHash = program === undefined ? null : (hashProgram(platform, program) ?? null);
    }
    return ownHash;
  };

  const become = (state: Attempt['state'], problem: Problem | null = null): void => {
    if (attempt === null) return;
    attempt = { ...attempt, state, problem };
    const fields = { version: attempt.version, state, problem: problem?.message ?? null };
    if (problem === null) log.info('update', fields);
    else log.warn('update', fields);
  };

  const fail = (code: string, message: string): void => {
    if (program !== undefined) unstage(files, program);
    become('failed', { code, message: message.slice(0, MAX_MESSAGE) });
  };

  const replace = async (order: AgentUpdateOrder, release: Release): Promise<void> => {
    const { managerUrl } = dependencies;
    const manager = managerUrl === undefined ? undefined : parseManagerPlace(managerUrl);
    if (manager === undefined || program === undefined) return;
    fetching = fetchProgram(platform, { manager, program, starter: own.starter, release });
    const fetched = await fetching.done;
    fetching = undefined;
    if (isStopped) return fail('stopped', 'the agent ended');
    if (!fetched.ok) return fail(fetched.error.code, fetched.error.message);
    const running = commandsRunning();
    if (running > 0) return fail('busy', `${running} commands have begun, and would end with it`);
    become('swapping');
    const record = recordOf(order, release, version);
    const swapped = withFolder(files, program, (folder) =>
      swap(platform, folder, program.name, record),
    );
    if (!swapped.ok) return fail('cannot_write', `${program.folder}: ${swapped.error.message}`);
    cancels.add(clock.after(LINGER_MS, () => restartWith(`updated to ${release.version}`)));
  };

  const giveUp = (): void => {
    const record = onTrial;
    if (record === undefined || own.file === undefined) return;
    onTrial = undefined;
    const message = `nobody confirmed it within ${record.trialSeconds} s`;
    const problem = { code: 'not_confirmed', message };
    const back = putBack(platform, own.file, record, problem);
    if (back.ok) {
      become('returned', problem);
      restartWith('the version before is back');
    } else {
      become('failed', { code: 'no_previous', message: `${message}; ${back.error.message}` });
    }
  };

  const isUnderWay = (): boolean =>
    attempt?.state === 'downloading' || attempt?.state === 'swapping' || onTrial !== undefined;

  if (onTrial !== undefined) cancels.add(clock.after(onTrial.trialSeconds * 1000, giveUp));

  return {
    status: () => ({
      vm_id: vmId ?? null,
      version,
      artefact: own.artefact,
      sha256: hash(),
      refusal: refusal ?? null,
      attempt,
    }),
    begin: (order, subject) => {
      if (refusal !== undefined) return { status: 409, ...refusal };
      if (isUnderWay()) {
        if (attempt?.id === order.id) return undefined;
        return refused(409, 'conflict', `an update to ${attempt?.version ?? ''} is under way`);
      }
      const found = findRelease(platform, order, keys(), own.artefact);
      if (!found.ok) return found.refusal;
      const release = found.value;
      const problem = problemOfRelease(dependencies, program, order, release);
      if (problem !== undefined) return problem;
      hash();
      attempt = { id: order.id, version: release.version, state: 'downloading', problem: null };
      log.info('update begins', { from: version, to: release.version, subject: subject ?? null });
      void replace(order, release);
      return undefined;
    },
    confirm: (id, subject) => {
      if (attempt?.id !== id) return refused(404, 'not_found', 'there is no update of this id');
      if (attempt.state === 'confirmed') return undefined;
      if (onTrial === undefined || program === undefined) {
        return refused(409, 'wrong_state', `the update is ${attempt.state}`);
      }
      const removed = withFolder(files, program, (folder) => removeRecord(folder, program.name));
      if (!removed.ok) return refused(503, 'unreadable', removed.error.message);
      onTrial = undefined;
      for (const cancel of cancels) cancel();
      log.info('update confirmed', { version, subject: subject ?? null });
      become('confirmed');
      return undefined;
    },
    restart,
    stop: () => {
      isStopped = true;
      fetching?.cancel();
      for (const cancel of cancels) cancel();
    },
  };
};

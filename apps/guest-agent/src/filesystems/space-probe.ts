/**
 * Asks mounts for their space without ever waiting for one that does not answer. A mount that may
 * hang is asked aside, once at a time; while the question is open the mount is in quarantine, so a
 * dead server costs one deadline once, and one thread, however often somebody scrapes.
 */
import type { Cancel, Clock, Files, FilesystemSpace, Outcome } from '../platform/platform.ts';
import type { WatchedMount } from './mounts.ts';

export type Space =
  | { readonly ok: true; readonly space: FilesystemSpace }
  | { readonly ok: false; readonly error: string };

export type ProbeSpace = (mount: WatchedMount) => Space | Promise<Space>;

const DEADLINE_MS = 1_000;
/** Each open question holds a thread of the platform. More dead servers than this, and no mount that
 * may hang is asked any more until one of them answers. */
const MAX_OPEN_QUESTIONS = 3;
/** A text that changes at each look would have every compact sample sent whole. */
const SAID_FOR_MS = 10_000;

interface Question {
  readonly key: string;
  readonly mountPoint: string;
  readonly askedAtMs: number;
  readonly waiting: Set<(space: Space) => void>;
  state: 'queued' | 'open' | 'late';
  said: { readonly atMs: number; readonly space: Space } | undefined;
}

/** A healthy mount in the place of a dead one is another mount, and does not wait for its answer. */
const keyOf = ({ deviceId, mountPoint }: WatchedMount): string => `${deviceId} ${mountPoint}`;

const settle = (outcome: Outcome<FilesystemSpace>): Space =>
  outcome.ok ? { ok: true, space: outcome.value } : { ok: false, error: outcome.error.message };

const NOT_ASKED: Space = {
  ok: false,
  error: `not asked: ${MAX_OPEN_QUESTIONS} other filesystems hang`,
};

export const makeSpaceProbe = (
  files: Pick<Files, 'statfs' | 'statfsAside'>,
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
): ProbeSpace => {
  const questions = new Map<string, Question>();
  const queue: Question[] = [];
  let openCount = 0;
  let lateCount = 0;

  const hung = (question: Question): Space => {
    const atMs = clock.monotonicMs();
    const { said, askedAtMs } = question;
    if (said !== undefined && atMs - said.atMs < SAID_FOR_MS) return said.space;
    const seconds = ((atMs - askedAtMs) / 1000).toFixed(1);
    const space: Space = { ok: false, error: `no answer from the filesystem for ${seconds} s` };
    question.said = { atMs, space };
    return space;
  };

  const askNext = (): void => {
    while (openCount < MAX_OPEN_QUESTIONS) {
      const question = queue.shift();
      if (question === undefined) return;
      question.state = 'open';
      openCount += 1;
      files.statfsAside(question.mountPoint, (outcome) => {
        openCount -= 1;
        if (question.state === 'late') lateCount -= 1;
        questions.delete(question.key);
        for (const answer of question.waiting) answer(settle(outcome));
        askNext();
      });
    }
  };

  const ask = (key: string, mountPoint: string): Question => {
    const question: Question = {
      key,
      mountPoint,
      askedAtMs: clock.monotonicMs(),
      waiting: new Set(),
      state: 'queued',
      said: undefined,
    };
    questions.set(key, question);
    queue.push(question);
    return question;
  };

  const giveUp = (question: Question): Space => {
    if (question.state !== 'queued') {
      question.state = 'late';
      lateCount += 1;
      return hung(question);
    }
    queue.splice(queue.indexOf(question), 1);
    questions.delete(question.key);
    return NOT_ASKED;
  };

  const waitFor = async (question: Question): Promise<Space> =>
    new Promise((resolve) => {
      let cancel: Cancel = () => undefined;
      const answer = (space: Space): void => {
        cancel();
        question.waiting.delete(answer);
        resolve(space);
      };
      question.waiting.add(answer);
      cancel = clock.after(DEADLINE_MS, () => {
        const space = giveUp(question);
        for (const waiting of question.waiting) waiting(space);
      });
    });

  return (mount) => {
    if (!mount.mayHang) return settle(files.statfs(mount.mountPoint));
    const key = keyOf(mount);
    const known = questions.get(key);
    if (known?.state === 'late') return hung(known);
    // To wait for a place that only a dead server can make would cost a deadline at every scrape.
    if (known === undefined && lateCount >= MAX_OPEN_QUESTIONS) return NOT_ASKED;
    const answer = waitFor(known ?? ask(key, mount.mountPoint));
    askNext();
    return answer;
  };
};

/**
 * A reader that is opened when its path can be opened, kept while the path stays the same, and closed
 * with its VM. What cannot be opened is tried again after a while.
 */
import type { MissingPart } from '@innkeeper/protocol';
import type { Clock } from '../../platform/platform.ts';
import { missing } from '../missing-part.ts';
import type { Located } from '../paths/vmm-paths.ts';
import type { ReaderRegistry } from './reader-registry.ts';

export interface Stoppable {
  stop(): void;
}

export interface HeldReader<Reader extends Stoppable> {
  get(): { readonly ok: true; readonly reader: Reader } | MissingPart;
  /** Another path than before; the next `get` opens it. */
  reset(): void;
  close(): void;
}

export interface HeldReaderDependencies<Reader extends Stoppable> {
  readonly pid: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly registry: ReaderRegistry;
  /** Where the file or socket is, checked against what may be opened. */
  readonly locate: () => Located;
  readonly open: (path: string) => Reader;
}

const RETRY_MS = 10_000;

export const makeHeldReader = <Reader extends Stoppable>(
  dependencies: HeldReaderDependencies<Reader>,
): HeldReader<Reader> => {
  const { pid, clock, registry, locate, open } = dependencies;
  let held: { readonly ok: true; readonly path: string; readonly reader: Reader } | undefined;
  let failed: { readonly part: MissingPart; readonly atMs: number } | undefined;
  let closed = false;

  const fail = (part: MissingPart): MissingPart => {
    failed = { part, atMs: clock.monotonicMs() };
    return part;
  };

  const reset = (): void => {
    held?.reader.stop();
    if (held !== undefined) registry.release(held.path, pid);
    held = undefined;
    failed = undefined;
  };

  return {
    get: () => {
      if (closed) return missing('absent', 'the VMM has ended');
      if (held !== undefined) return held;
      if (failed !== undefined && clock.monotonicMs() - failed.atMs < RETRY_MS) return failed.part;
      const located = locate();
      if (!located.ok) return fail(located);
      const owner = registry.claim(located.path, pid);
      if (owner !== pid) {
        const what = `${located.path.slice(0, 200)} is already read for the VMM with pid ${owner}`;
        return fail(missing('forbidden', `${what}: two readers would take from each other`));
      }
      held = { ok: true, path: located.path, reader: open(located.path) };
      failed = undefined;
      return held;
    },
    reset,
    close: () => {
      reset();
      closed = true;
    },
  };
};

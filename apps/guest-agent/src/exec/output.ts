/** What a command prints, as events: decoded, limited, and read for progress. */
import type { ExecEventData, Progress } from '@innkeeper/protocol';
import type { Cancel, Clock, TextCodec } from '../platform/platform.ts';
import type { ExecEvent } from './output-log.ts';
import type { ProgressReader } from './progress.ts';
import { makeUtf8Decoder, type Utf8Decoder } from './utf8-decoder.ts';

type Stream = ExecEventData['output']['stream'];

export interface Output {
  push(stream: Stream, chunk: Uint8Array): void;
  /** Nothing more comes. */
  end(): void;
  bytes(): number;
  droppedBytes(): number;
  /** What was given on as events, as text. */
  givenBytes(): number;
  progress(): Progress | undefined;
}

export interface OutputDependencies {
  readonly text: Pick<TextCodec, 'decodeUtf8' | 'utf8Length'>;
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
  readonly maxBytes: number;
  readonly progress: ProgressReader;
  readonly add: (event: ExecEvent) => void;
}

/** Ten a second are enough for a bar, and a tool may redraw its own a thousand times. */
const PROGRESS_MS = 100;

export const makeOutput = (dependencies: OutputDependencies): Output => {
  const { text, clock, maxBytes, progress, add } = dependencies;
  const decoders: Readonly<Record<Stream, Utf8Decoder>> = {
    stdout: makeUtf8Decoder(text),
    stderr: makeUtf8Decoder(text),
  };
  let bytes = 0;
  let droppedBytes = 0;
  let givenBytes = 0;
  let isProgressNew = false;
  let isResting = false;
  let cancelRest: Cancel = () => undefined;

  const tellProgress = (): void => {
    const current = progress.current();
    if (current === undefined || !isProgressNew) return;
    isProgressNew = false;
    isResting = true;
    add({ name: 'progress', data: { at: clock.nowMs(), ...current } });
    cancelRest = clock.after(PROGRESS_MS, () => {
      isResting = false;
      tellProgress();
    });
  };

  const give = (stream: Stream, decoded: string): void => {
    if (decoded === '') return;
    givenBytes += text.utf8Length(decoded);
    add({ name: 'output', data: { at: clock.nowMs(), stream, text: decoded } });
    if (progress.feed(decoded)) isProgressNew = true;
    if (!isResting) tellProgress();
  };

  return {
    push: (stream, chunk) => {
      const room = Math.max(0, maxBytes - bytes);
      bytes += chunk.length;
      if (room > 0) give(stream, decoders[stream].push(chunk.subarray(0, room)));
      if (chunk.length <= room) return;
      if (droppedBytes === 0) {
        add({ name: 'dropped', data: { at: clock.nowMs(), reason: 'limit', count: null } });
      }
      droppedBytes += chunk.length - room;
    },
    end: () => {
      give('stdout', decoders.stdout.end());
      give('stderr', decoders.stderr.end());
      cancelRest();
      tellProgress();
      cancelRest();
    },
    bytes: () => bytes,
    droppedBytes: () => droppedBytes,
    givenBytes: () => givenBytes,
    progress: () => progress.current(),
  };
};

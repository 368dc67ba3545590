/** What a command prints, as events: decoded, limited, and read for progress. */
import type { ExecEventData, Progress } from '@innkeeper/protocol';
import type { Cancel, Clock, TextCodec } from '../platform/platform.ts';
import type { ExecEvent } from './kept-events.ts';
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
  readonly add: (event: ExecEvent, textBytes?: number) => void;
}

/** Ten a second are enough for a bar, and a tool may redraw its own a thousand times. */
const PROGRESS_MS = 100;
/** So much is read for progress in each tenth of a second; of more, what came last. */
const LOOK_MS = 100;
const LOOK_CHARACTERS = 32 * 1024;

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

  let leftToLook = LOOK_CHARACTERS;
  let unseen = '';
  let cancelLook: Cancel | undefined;

  const look = (seen: string): void => {
    if (progress.feed(seen)) isProgressNew = true;
    if (!isResting) tellProgress();
  };

  const lookAgain = (): void => {
    cancelLook?.();
    cancelLook = undefined;
    leftToLook = LOOK_CHARACTERS;
    const seen = unseen;
    unseen = '';
    if (seen !== '') look(seen);
  };

  const lookInTime = (decoded: string): void => {
    cancelLook ??= clock.after(LOOK_MS, lookAgain);
    if (leftToLook > 0) look(decoded);
    else unseen = decoded;
    leftToLook -= decoded.length;
  };

  const give = (stream: Stream, decoded: string): void => {
    if (decoded === '') return;
    const textBytes = text.utf8Length(decoded);
    givenBytes += textBytes;
    add({ name: 'output', data: { at: clock.nowMs(), stream, text: decoded } }, textBytes);
    lookInTime(decoded);
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
      lookAgain();
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

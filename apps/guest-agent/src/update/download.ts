/**
 * One file from the manager, of a size that is known before: HTTP/1.0, so that the answer comes in
 * one piece. Whoever answers there may be anybody; what it is worth is seen by its checksum.
 */
import type { ManagerPlace } from '../enroll/manager-place.ts';
import type { Connection, Outcome, Platform } from '../platform/platform.ts';

/** All of it, over a slow line. */
const WHOLE_MS = 10 * 60_000;
const SILENCE_MS = 30_000;
const MAX_HEAD_BYTES = 16 * 1024;

const failed = (code: string, message: string): Outcome<never> => ({
  ok: false,
  error: { code, message },
});

/** Of the answer's bytes, the ones that have come. */
const makeIntake = (text: Pick<Platform['text'], 'decodeLatin1'>, bytes: number) => {
  const body = new Uint8Array(bytes);
  let head = '';
  let received = 0;
  let isHeadDone = false;

  const addBody = (chunk: Uint8Array): string | undefined => {
    if (received + chunk.length > bytes) return `the answer is longer than ${bytes} bytes`;
    body.set(chunk, received);
    received += chunk.length;
    return undefined;
  };

  /** What is wrong with it, as far as it has come. */
  const add = (chunk: Uint8Array): string | undefined => {
    if (isHeadDone) return addBody(chunk);
    const before = head.length;
    head += text.decodeLatin1(chunk);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) {
      return head.length > MAX_HEAD_BYTES ? 'what answers is no web server' : undefined;
    }
    isHeadDone = true;
    const status = /^HTTP\/1\.[01] (\d{3})[ \r]/u.exec(head)?.[1];
    if (status === undefined) return 'what answers is no web server';
    if (status !== '200') return `the manager answered with HTTP ${status}`;
    return addBody(chunk.subarray(end + 4 - before));
  };

  return {
    add,
    outcome: (): Outcome<Uint8Array> => {
      if (!isHeadDone) return failed('EPROTO', 'what answers is no web server');
      if (received < bytes) {
        return failed('EPROTO', `the download broke off after ${received} of ${bytes} bytes`);
      }
      return { ok: true, value: body };
    },
  };
};

export interface Download {
  readonly done: Promise<Outcome<Uint8Array>>;
  cancel(): void;
}

export const download = (
  { network, clock, text }: Pick<Platform, 'network' | 'clock' | 'text'>,
  place: ManagerPlace,
  { path, bytes }: { readonly path: string; readonly bytes: number },
): Download => {
  let settle: (outcome: Outcome<Uint8Array>) => void = () => undefined;
  let connection: Connection | undefined;
  let isOver = false;
  let stopSilence = (): void => undefined;
  const settled = new Promise<Outcome<Uint8Array>>((resolve) => {
    settle = resolve;
  });

  const end = (outcome: Outcome<Uint8Array>): void => {
    if (isOver) return;
    isOver = true;
    stopSilence();
    stopWhole();
    settle(outcome);
    connection?.destroy();
  };
  const watchSilence = (): void => {
    stopSilence();
    stopSilence = clock.after(SILENCE_MS, () =>
      end(failed('ETIMEDOUT', `the manager sent nothing for ${SILENCE_MS / 1000} s`)),
    );
  };
  const stopWhole = clock.after(WHOLE_MS, () =>
    end(failed('ETIMEDOUT', `the download was not done within ${WHOLE_MS / 1000} s`)),
  );

  const run = async (): Promise<Outcome<Uint8Array>> => {
    const intake = makeIntake(text, bytes);
    const address = { kind: 'tcp', host: place.host, port: place.port } as const;
    const connected = await network.connect(address, SILENCE_MS, (opened) => {
      connection = opened;
      return {
        data: (chunk) => {
          if (isOver) return;
          watchSilence();
          const problem = intake.add(chunk);
          if (problem !== undefined) end(failed('EPROTO', problem));
        },
        ended: () => end(intake.outcome()),
        drained: () => undefined,
        closed: () => end(intake.outcome()),
      };
    });
    if (!connected.ok) {
      end(connected);
      return connected;
    }
    if (isOver) connected.value.destroy();
    watchSilence();
    connected.value.write(
      `GET ${place.prefix}${path} HTTP/1.0\r\nHost: ${place.authority}\r\n` +
        'Accept: application/octet-stream\r\nConnection: close\r\n\r\n',
    );
    return settled;
  };

  return { done: run(), cancel: () => end(failed('ECANCELED', 'the agent ends')) };
};

/**
 * An answer that may take longer than a route is given. A quick one is an ordinary answer. For a
 * late one the head goes out after some seconds, then now and then a line break, so that neither
 * side takes the other for gone, and the document when it is there.
 */
import type { Cancel, Clock } from '../platform/platform.ts';
import { JSON_TYPE } from './answer.ts';
import type { HttpResponse, StreamEvents, StreamOut } from './message.ts';

const QUICK_MS = 5_000;
/** JSON may begin with blank lines. */
const SIGN_OF_LIFE_MS = 15_000;

export const lateAnswer = async (
  work: Promise<HttpResponse>,
  clock: Pick<Clock, 'after'>,
): Promise<HttpResponse> => {
  let cancelQuick: Cancel = () => undefined;
  const late = new Promise<undefined>((resolve) => {
    cancelQuick = clock.after(QUICK_MS, () => resolve(undefined));
  });
  const quick = await Promise.race([work, late]);
  cancelQuick();
  if (quick !== undefined) return quick;

  const stream = (out: StreamOut): StreamEvents => {
    let isClosed = false;
    let rest: StreamEvents | undefined;
    let cancelSign: Cancel = () => undefined;
    const sign = (): void => {
      if (out.pendingBytes() === 0) out.write('\n');
      cancelSign = clock.after(SIGN_OF_LIFE_MS, sign);
    };
    cancelSign = clock.after(SIGN_OF_LIFE_MS, sign);
    void work.then((response) => {
      if (isClosed) return;
      cancelSign();
      out.write(response.body);
      rest = response.stream?.(out);
      if (rest === undefined) out.end();
    });
    return {
      drained: () => rest?.drained(),
      stopping: () => rest?.stopping(),
      closed: () => {
        isClosed = true;
        cancelSign();
        rest?.closed();
      },
    };
  };
  return { status: 200, contentType: JSON_TYPE, body: '\n', stream };
};

/** Writes one answer at a time to a connection, and gives up on a peer that does not take it. */
import type { Clock, Connection, TextCodec } from '../platform/platform.ts';
import type { Deadline } from './deadline.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpResponse } from './message.ts';
import { formatResponse } from './response-text.ts';

export interface ResponseWriter {
  send(response: HttpResponse, options: { withBody: boolean; close: boolean }): void;
  /** The connection says that everything has been taken. */
  drained(): void;
}

export interface ResponseWriterDependencies {
  readonly connection: Connection;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly text: TextCodec;
  readonly limits: HttpLimits;
  readonly deadline: Deadline;
  readonly onSent: () => void;
  readonly onStalled: () => void;
}

export const makeResponseWriter = (dependencies: ResponseWriterDependencies): ResponseWriter => {
  const { connection, clock, text, limits, deadline, onSent, onStalled } = dependencies;
  let sending = false;

  const sent = (): void => {
    sending = false;
    onSent();
  };

  return {
    send: (response, options) => {
      sending = true;
      const date = new Date(clock.nowMs()).toUTCString();
      const { bytes } = response;
      const byteLength =
        response.stream === undefined
          ? text.utf8Length(response.body) + (bytes?.length ?? 0)
          : undefined;
      connection.write(formatResponse(response, { ...options, date, byteLength }));
      if (bytes !== undefined && options.withBody) connection.write(bytes);
      if (connection.pendingBytes() === 0) sent();
      else deadline.set(limits.writeMs, onStalled);
    },
    drained: () => {
      if (sending) sent();
    },
  };
};

/**
 * How a connection to a port of a guest's vsock begins on the host's unix socket: `CONNECT <port>` out,
 * `OK <number>` back, and from then on it is the guest's. A VMM that finds nobody at the port hangs up.
 *
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/vsock.md
 */
export type Greeting =
  | { readonly kind: 'more' }
  | { readonly kind: 'open'; /** What the guest has said already. */ readonly rest: Buffer }
  | { readonly kind: 'bad' };

/** `OK `, the ten digits of 32 bits, and the line's end. */
const MAX_BYTES = 14;
const LF = 10;
const ANSWER = /^OK \d{1,10}$/u;
const EMPTY = Buffer.alloc(0);

export const vsockRequest = (port: number): string => `CONNECT ${port}\n`;

/** Takes what comes, piece by piece, until it is open or bad. */
export const makeVsockGreeting = (): ((piece: Buffer) => Greeting) => {
  let line: Buffer = EMPTY;
  return (piece) => {
    const all = line.length === 0 ? piece : Buffer.concat([line, piece]);
    const end = all.subarray(0, MAX_BYTES).indexOf(LF);
    if (end === -1) {
      line = all;
      return { kind: all.length < MAX_BYTES ? 'more' : 'bad' };
    }
    const isOk = ANSWER.test(all.toString('latin1', 0, end));
    return isOk ? { kind: 'open', rest: all.subarray(end + 1) } : { kind: 'bad' };
  };
};

/**
 * A shell in a guest, over its second serial port: what the tests know of a guest from elsewhere than
 * from the product. One command at a time; /usr/local/sbin/test-shell is at the other end.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { waitUntil } from '../support/wait-until.ts';

export interface GuestShell {
  /** What it prints; throws where its exit status is not 0. */
  run(command: string, timeoutMs?: number): Promise<string>;
  close(): void;
}

const ANSWER_MS = 120_000;
const ASK_AGAIN_MS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

export const openGuestShell = async (socketPath: string): Promise<GuestShell> => {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received = (received + text).slice(-MAX_BYTES);
  });
  const send = (script: string): void => {
    socket.write(`${Buffer.from(script).toString('base64')}\n`);
  };
  /** What is written while nobody reads there, at the beginning of a boot, is lost. */
  const untilItListens = async (number: number, timeoutMs: number): Promise<void> => {
    const ask = (): void => send(`echo '<<''here ${number}>>'`);
    const again = setInterval(ask, ASK_AGAIN_MS);
    ask();
    const hasAnswered = (): boolean => received.includes(`<<here ${number}>>`);
    await waitUntil('there is a shell in the guest', hasAnswered, timeoutMs).finally(() =>
      clearInterval(again),
    );
  };
  let asked = 0;
  return {
    run: async (command, timeoutMs = ANSWER_MS) => {
      asked += 1;
      const [begin, end] = [`<<begin ${asked}>>`, new RegExp(`<<end ${asked} (\\d+)>>\r?\n`, 'u')];
      received = '';
      await untilItListens(asked, timeoutMs);
      // The marks stand in pieces, so that a terminal that echoes does not answer.
      send(`echo '<<''begin ${asked}>>'; { ${command}\n} ; echo '<<''end ${asked}' $?'>>'`);
      await waitUntil(`the guest has run: ${command}`, () => end.test(received), timeoutMs);
      const text = received.slice(received.indexOf(begin) + begin.length);
      const status = end.exec(received)?.[1];
      const output = text.slice(0, text.search(end)).replaceAll('\r', '').trim();
      if (status !== '0') throw new Error(`${command}: exit status ${status}: ${output}`);
      return output;
    },
    close: () => socket.destroy(),
  };
};

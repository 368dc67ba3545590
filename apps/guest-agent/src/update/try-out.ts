/** Does the new program run here at all? It is asked for its version before it gets anywhere. */
import { EXEC_PATH } from '../exec/environment.ts';
import type { Outcome, Platform } from '../platform/platform.ts';

const TIMEOUT_MS = 30_000;
const MAX_SAID = 400;

const failed = (message: string): Outcome<never> => ({
  ok: false,
  error: { code: 'does_not_run', message },
});

export const tryOut = async (
  { processes, clock, text }: Pick<Platform, 'processes' | 'clock' | 'text'>,
  argv: readonly [string, ...string[]],
  version: string,
): Promise<Outcome<undefined>> => {
  let said = '';
  let settle: (outcome: Outcome<undefined>) => void = () => undefined;
  const ended = new Promise<Outcome<undefined>>((resolve) => {
    settle = resolve;
  });
  const hear = (chunk: Uint8Array): void => {
    if (said.length < MAX_SAID) said += text.decodeUtf8(chunk).slice(0, MAX_SAID);
  };
  const started = await processes.spawn(
    { argv, env: { PATH: EXEC_PATH, LANG: 'C.UTF-8' }, cwd: '/' },
    {
      stdout: hear,
      stderr: hear,
      exited: ({ code, signal }) => {
        if (code === 0 && said.trim() === `guest-agent ${version}`) {
          settle({ ok: true, value: undefined });
        } else {
          const how = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
          settle(failed(`asked for its version it ended with ${how} and said: ${said.trim()}`));
        }
      },
    },
  );
  if (!started.ok) return failed(`it cannot be started: ${started.error.message}`);
  const cancel = clock.after(TIMEOUT_MS, () => {
    started.value.signal('SIGKILL');
    started.value.closeOutput();
    settle(failed(`it does not tell its version within ${TIMEOUT_MS / 1000} s`));
  });
  const outcome = await ended;
  cancel();
  return outcome;
};

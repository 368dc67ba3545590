/** Sends one change to the manager: while it is under way, when it worked, what went wrong. */
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem, ApiResult } from '../../state/api.ts';

export interface Change {
  readonly isBusy: boolean;
  readonly isDone: boolean;
  readonly problem: ApiProblem | undefined;
  send<Value>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<ApiResult<Value>>;
  /** What was said before no longer counts: something else is being typed. */
  reset(): void;
}

type State = Pick<Change, 'isBusy' | 'isDone' | 'problem'>;

const IDLE: State = { isBusy: false, isDone: false, problem: undefined };

export const useChange = (): Change => {
  const { session } = useApp();
  const [state, setState] = useState<State>(IDLE);
  return {
    ...state,
    reset: () => setState(IDLE),
    send: async <Value>(
      method: 'POST' | 'PATCH' | 'DELETE',
      path: string,
      body?: unknown,
    ): Promise<ApiResult<Value>> => {
      setState({ ...IDLE, isBusy: true });
      const result = await session.api.send<Value>(method, path, body);
      setState({ ...IDLE, isDone: result.ok, problem: result.ok ? undefined : result.problem });
      return result;
    },
  };
};

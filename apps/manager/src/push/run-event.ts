/** A stored event of a run as clients get it, as far as this one may. */
import {
  progressSchema,
  runEventSchema,
  runExecutionSchema,
  type RunEvent,
} from '@innkeeper/protocol';
import type { StoredEvent } from '../runs/run-record.ts';

export interface SeenExecution {
  readonly id: string;
  readonly mayRead: boolean;
  readonly mayReadOutput: boolean;
}

const json = (data: Buffer): unknown => JSON.parse(data.toString('utf8'));

/** Undefined: it is not for this client. */
export const toRunEvent = (
  { seq, at, kind, data }: StoredEvent,
  /** Undefined where the event is about the run itself, or about what the client may not see. */
  execution: SeenExecution | undefined,
): RunEvent | undefined => {
  if (kind === 'run') return runEventSchema.parse({ ...Object(json(data)), seq, at, kind });
  if (execution === undefined || !execution.mayRead) return undefined;
  const { id: execution_id, mayReadOutput } = execution;
  switch (kind) {
    case 'execution':
      return { seq, at, kind, execution: runExecutionSchema.parse(json(data)) };
    case 'progress':
      return { seq, at, kind, execution_id, ...progressSchema.parse(json(data)) };
    case 'stdout':
    case 'stderr': {
      if (!mayReadOutput) return undefined;
      const text = data.toString('utf8');
      return { seq, at, kind: 'output', execution_id, stream: kind, text };
    }
    case 'dropped':
      return mayReadOutput
        ? runEventSchema.parse({ ...Object(json(data)), seq, at, kind, execution_id })
        : undefined;
    default: {
      const never: never = kind;
      return never;
    }
  }
};

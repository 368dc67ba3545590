/** The events of an agent's stream of a command, out of the bytes that come: each is checked, none is trusted. */
import { execEventSchemas, type ExecEventData, type ExecEventName } from '@innkeeper/protocol';
import { makeSseParser, type SseParser } from '../../logs/upstream/sse-parser.ts';

export type AgentEvent = {
  [Name in ExecEventName]: {
    readonly name: Name;
    readonly data: ExecEventData[Name];
    /** Its number; a mark of what is missing has none. */
    readonly id: number | undefined;
  };
}[ExecEventName];

const ID = /^\d{1,15}$/u;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const parseEvent = (name: string, text: string, id: number | undefined): AgentEvent | undefined => {
  const json = parseJson(text);
  switch (name) {
    case 'started': {
      const parsed = execEventSchemas.started.safeParse(json);
      return parsed.success ? { name, data: parsed.data, id } : undefined;
    }
    case 'output': {
      const parsed = execEventSchemas.output.safeParse(json);
      return parsed.success ? { name, data: parsed.data, id } : undefined;
    }
    case 'progress': {
      const parsed = execEventSchemas.progress.safeParse(json);
      return parsed.success ? { name, data: parsed.data, id } : undefined;
    }
    case 'dropped': {
      const parsed = execEventSchemas.dropped.safeParse(json);
      return parsed.success ? { name, data: parsed.data, id } : undefined;
    }
    case 'exited': {
      const parsed = execEventSchemas.exited.safeParse(json);
      return parsed.success ? { name, data: parsed.data, id } : undefined;
    }
    default:
      // Whatever else there may be one day is not for us.
      return undefined;
  }
};

export const makeExecEventReader = (
  onEvent: (event: AgentEvent) => void,
  /** Something that is no event, or one that is too long: output may be missing. */
  onBad: () => void,
  maxEventBytes: number,
): SseParser =>
  makeSseParser(
    {
      event: (name, data, id) => {
        const number = id !== undefined && ID.test(id) ? Number(id) : undefined;
        const event = parseEvent(name, data, number);
        if (event !== undefined) onEvent(event);
        else if (Object.hasOwn(execEventSchemas, name)) onBad();
      },
      tooLong: onBad,
    },
    maxEventBytes,
  );

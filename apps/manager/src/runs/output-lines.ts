/** Output as lines, each with the time of its beginning. The streams are apart: neither cuts the other. */
import { StringDecoder } from 'node:string_decoder';
import type { OutputChunk } from './sql/get-execution-output.ts';

export interface OutputLine {
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface OutputLines {
  push(chunk: Pick<OutputChunk, 'at' | 'kind' | 'data'>): OutputLine[];
  /** What had no line end. */
  end(): OutputLine[];
}

/** A line that does not end is cut here. */
const MAX_LINE = 64 * 1024;

interface Partial {
  readonly decoder: StringDecoder;
  text: string;
  at: number;
}

const makePartial = (): Partial => ({ decoder: new StringDecoder('utf8'), text: '', at: 0 });

/** A progress bar draws itself over: what is seen at the end is what counts. */
export const afterReturn = (text: string): string => {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  return line.slice(line.lastIndexOf('\r') + 1);
};

export const makeOutputLines = (): OutputLines => {
  const partials = { stdout: makePartial(), stderr: makePartial() };

  return {
    push: ({ at, kind, data }) => {
      if (kind === 'dropped') return [];
      const partial = partials[kind];
      if (partial.text === '') partial.at = at;
      const pieces = (partial.text + partial.decoder.write(data)).split('\n');
      partial.text = pieces.pop() ?? '';
      const lines = pieces.map((text, index) => ({
        at: index === 0 ? partial.at : at,
        stream: kind,
        text: afterReturn(text),
      }));
      if (pieces.length > 0) partial.at = at;
      while (partial.text.length > MAX_LINE) {
        lines.push({ at: partial.at, stream: kind, text: partial.text.slice(0, MAX_LINE) });
        partial.text = partial.text.slice(MAX_LINE);
      }
      return lines;
    },
    end: () =>
      (['stdout', 'stderr'] as const)
        .filter((stream) => partials[stream].text !== '')
        .map((stream) => {
          const { at, text } = partials[stream];
          partials[stream].text = '';
          return { at, stream, text: afterReturn(text) };
        }),
  };
};

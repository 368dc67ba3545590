/**
 * The log of an execution as a text: a header, lines with their times, a footer once it is over.
 * Times are UTC. Lines of stderr have a `!` behind the time.
 */
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import { makeOutputLines, type OutputLine } from './output-lines.ts';
import type { OutputChunk } from './sql/get-execution-output.ts';

export interface LogText {
  header(): string;
  push(chunk: Pick<OutputChunk, 'at' | 'kind' | 'data'>): string;
  /** The rest, and the footer where it is over. */
  end(execution: ExecutionRecord): string;
}

const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const lineText = ({ at, stream, text }: OutputLine): string =>
  `[${new Date(at).toISOString().slice(11, 19)}]${stream === 'stderr' ? '!' : ''} ${text}\n`;

const outcomeOf = (execution: ExecutionRecord): string[] => {
  const { state, exitCode, signal, timedOut, droppedBytes, problem } = execution;
  const lines: string[] = [];
  if (exitCode !== undefined) lines.push(`# Exit code: ${exitCode}`);
  if (signal !== undefined) lines.push(`# Signal: ${signal}`);
  if (timedOut) lines.push('# Timed out: yes');
  if (state !== 'exited') lines.push(`# Outcome: ${state}`);
  if (problem !== undefined) lines.push(`# Problem: ${problem.message}`);
  if (droppedBytes > 0) lines.push(`# Not kept: ${droppedBytes} bytes of output`);
  return lines;
};

export const makeLogText = (run: RunRecord, execution: ExecutionRecord): LogText => {
  const lines = makeOutputLines();
  return {
    header: () =>
      [
        `# Command: ${run.name}`,
        `# Started: ${isoSeconds(execution.startedAt ?? run.createdAt)}`,
        `# Host: ${execution.vmName}`,
        '',
        '',
      ].join('\n'),
    push: (chunk) => {
      if (chunk.kind === 'dropped') return '# … output is missing here\n';
      return lines.push(chunk).map(lineText).join('');
    },
    end: (latest) => {
      const rest = lines.end().map(lineText).join('');
      if (latest.endedAt === undefined) return rest;
      const footer = [`# Completed: ${isoSeconds(latest.endedAt)}`, ...outcomeOf(latest)];
      return `${rest}\n${footer.join('\n')}\n`;
    },
  };
};

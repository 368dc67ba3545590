/** What one execution of a run prints: by events while it runs, from its log once it is over. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { RunEvent } from '@innkeeper/protocol';
import { makeTranscript, type Transcript } from '../terminal/transcript.ts';
import { droppedWords } from './execution-words.ts';
import { logPath } from './log-path.ts';
import type { ReadLog } from './log-reader.ts';

type OutputEvent = Extract<RunEvent, { readonly kind: 'output' | 'dropped' }>;

export interface WatchedOutput {
  readonly watched: ReadonlySignal<string | undefined>;
  readonly transcript: Transcript;
  take(event: OutputEvent): void;
  note(text: string): void;
  /** `isOver`: its log has all of it, and events are not waited for. */
  watch(executionId: string | undefined, options?: { readonly isOver: boolean }): void;
  stop(): void;
}

export const makeWatchedOutput = ({
  runId,
  readLog,
  now,
  onChange,
}: {
  readonly runId: string;
  readonly readLog: ReadLog;
  readonly now: () => number;
  readonly onChange: () => void;
}): WatchedOutput => {
  const watched = signal<string | undefined>(undefined);
  const transcript = makeTranscript();
  let isRead = false;
  let reading = new AbortController();

  const read = async (id: string): Promise<void> => {
    const { signal: aborted } = reading;
    const end = await readLog(logPath(runId, id, 'json'), aborted, (lines) => {
      if (aborted.aborted) return;
      for (const { stream, text, at } of lines) transcript.push(stream, `${text}\n`, at);
      onChange();
    });
    if (aborted.aborted || end.kind === 'all') return;
    transcript.note(end.kind === 'failed' ? end.message : 'There is more: download it.', now());
    onChange();
  };

  return {
    watched,
    transcript,
    take: (event) => {
      if (isRead || event.execution_id !== watched.peek()) return;
      if (event.kind === 'output') transcript.push(event.stream, event.text, event.at);
      else transcript.note(droppedWords(event), event.at);
    },
    note: (text) => {
      if (!isRead && watched.peek() !== undefined) transcript.note(text, now());
    },
    watch: (id, { isOver } = { isOver: false }) => {
      reading.abort();
      reading = new AbortController();
      transcript.clear();
      watched.value = id;
      isRead = id !== undefined && isOver;
      if (id !== undefined && isOver) void read(id);
    },
    stop: () => reading.abort(),
  };
};

/** The line where a command is typed: Enter runs it, up and down go through what was typed before. */
import type { JSX, RefObject, TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { walkHistory, type CommandHistory, type HistoryWalk } from './command-history.ts';

export const CommandLine = ({
  value,
  problem,
  history,
  input,
  onInput,
  onRun,
}: {
  readonly value: string;
  readonly problem: string | undefined;
  readonly history: CommandHistory;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly onInput: (line: string) => void;
  readonly onRun: () => void;
}): JSX.Element => {
  const walk = useRef<HistoryWalk | undefined>(undefined);
  const onKey = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      walk.current = undefined;
      onRun();
      return;
    }
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    walk.current ??= walkHistory(history.all());
    const line =
      event.key === 'ArrowUp'
        ? walk.current.older(event.currentTarget.value)
        : walk.current.newer();
    if (line !== undefined) onInput(line);
  };
  return (
    <>
      <label class="run-line" data-invalid={problem !== undefined}>
        <span aria-hidden="true">$</span>
        <input
          ref={input}
          aria-label="Command"
          class="mono"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={100_000}
          placeholder="apt-get update"
          value={value}
          aria-invalid={problem !== undefined}
          aria-describedby="run-line-hint"
          onInput={(event) => {
            walk.current = undefined;
            onInput(event.currentTarget.value);
          }}
          onKeyDown={onKey}
        />
      </label>
      <p id="run-line-hint" class={problem === undefined ? 'field-hint' : 'problem'}>
        {problem ??
          'Run by /bin/sh in the guest, as the agent’s user. ↑ and ↓: what you ran before.'}
      </p>
    </>
  );
};

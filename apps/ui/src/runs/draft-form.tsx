/** What to run: a line, a script, or a saved command. The same for one VM and for many. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Field } from '../ui/field.tsx';
import { makeCommandHistory, type CommandHistory } from './command-history.ts';
import { CommandLine } from './command-line.tsx';
import { MODES, type Mode } from './draft.ts';
import { DraftOptions } from './draft-options.tsx';
import { SavedPicker } from './saved-picker.tsx';
import type { DraftModel } from './use-draft.ts';

const MODE_WORDS = {
  command: 'Command',
  script: 'Script',
  saved: 'Saved',
} as const satisfies Readonly<Record<Mode, string>>;

export const useCommandHistory = (): CommandHistory => {
  const { session } = useApp();
  const { value } = session.state;
  const who = value.kind === 'signed_in' ? value.session.actor.name : '';
  return useMemo(() => makeCommandHistory(window.localStorage, who), [who]);
};

const Modes = ({ model }: { readonly model: DraftModel }): JSX.Element => (
  <div class="segments" role="group" aria-label="What to run">
    {MODES.map((mode) => (
      <button
        key={mode}
        type="button"
        aria-current={model.draft.mode === mode}
        onClick={() => model.setMode(mode)}
      >
        {MODE_WORDS[mode]}
      </button>
    ))}
  </div>
);

export const DraftForm = ({
  model,
  history,
  onRun,
  children,
}: {
  readonly model: DraftModel;
  readonly history: CommandHistory;
  readonly onRun: () => void;
  /** The buttons. */
  readonly children: ComponentChildren;
}): JSX.Element => {
  const { draft, wrong, change } = model;
  const line = useRef<HTMLInputElement>(null);
  const { mode } = draft;
  useEffect(() => {
    // Not where it would bring up a keyboard on the screen.
    if (matchMedia('(pointer: fine)').matches) line.current?.focus({ preventScroll: true });
  }, [mode]);
  const problemOf = (field: string): string | undefined =>
    wrong?.field === field ? wrong.message : undefined;
  return (
    <form
      class="run-form"
      onSubmit={(event) => {
        event.preventDefault();
        onRun();
      }}
    >
      <div class="run-form-head">
        <Modes model={model} />
        <span class="run-tools">{children}</span>
      </div>
      {mode === 'command' ? (
        <CommandLine
          value={draft.line}
          problem={problemOf('line')}
          history={history}
          input={line}
          onInput={(typed) => change({ line: typed })}
          onRun={onRun}
        />
      ) : null}
      {mode === 'script' ? (
        <Field label="Script" problem={problemOf('script')} hint="Ctrl+Enter runs it.">
          {(ids) => (
            <textarea
              {...ids}
              class="input mono"
              rows={Math.min(24, Math.max(6, draft.script.split('\n').length + 1))}
              spellcheck={false}
              maxLength={262_144}
              placeholder={'#!/bin/sh\nset -e'}
              value={draft.script}
              onInput={(event) => change({ script: event.currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
                event.preventDefault();
                onRun();
              }}
            />
          )}
        </Field>
      ) : null}
      {mode === 'saved' ? <SavedPicker model={model} /> : null}
      <DraftOptions model={model} history={history} />
    </form>
  );
};

/** A script for provisioning as it is being written, and as the manager takes it. */
import type { Provisioning } from '@innkeeper/protocol';

export interface ScriptDraft {
  readonly name: string;
  readonly description: string;
  readonly order: string;
  readonly when: Provisioning['when'];
  readonly script: string;
  readonly interpreter: string;
  readonly user: string;
  readonly timeoutSeconds: string;
  readonly target: 'selector' | 'vm';
  readonly selector: string;
  readonly vmId: string;
  /** A pattern and its phase in each line: `Unpacking {n} of {m} = Unpacking`. */
  readonly patterns: string;
  readonly enabled: boolean;
}

export const NEW_SCRIPT: ScriptDraft = {
  name: '',
  description: '',
  order: '100',
  when: 'first_boot',
  script: '#!/bin/sh -e\n',
  interpreter: '',
  user: '',
  timeoutSeconds: '3600',
  target: 'selector',
  selector: '',
  vmId: '',
  patterns: '',
  enabled: true,
};

export const draftOf = (script: Provisioning): ScriptDraft => ({
  name: script.name,
  description: script.description,
  order: String(script.order),
  when: script.when,
  script: script.script,
  interpreter: script.interpreter ?? '',
  user: script.user ?? '',
  timeoutSeconds: String(script.timeout_seconds),
  target: script.vm_id === null ? 'selector' : 'vm',
  selector: script.selector ?? '',
  vmId: script.vm_id ?? '',
  patterns: script.progress_patterns
    .map(({ pattern, phase }) => `${pattern} = ${phase}`)
    .join('\n'),
  enabled: script.enabled,
});

/** Without a phase the line is its own. The last ` = ` counts: a pattern may have one too. */
const parsePatterns = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const at = line.lastIndexOf(' = ');
      return at === -1
        ? { pattern: line.trim(), phase: line.trim().slice(0, 64) }
        : { pattern: line.slice(0, at).trim(), phase: line.slice(at + 3).trim() };
    });

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** What is no number goes as the text that it is: the manager says what it accepts. */
const numberOf = (text: string): number | string => {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
};

export const bodyOf = (draft: ScriptDraft) => ({
  name: draft.name.trim(),
  description: draft.description.trim(),
  order: numberOf(draft.order),
  when: draft.when,
  script: draft.script,
  interpreter: orNull(draft.interpreter),
  user: orNull(draft.user),
  timeout_seconds: numberOf(draft.timeoutSeconds),
  progress_patterns: parsePatterns(draft.patterns),
  vm_id: draft.target === 'vm' ? draft.vmId : null,
  selector: draft.target === 'vm' ? null : draft.selector.trim(),
  enabled: draft.enabled,
});

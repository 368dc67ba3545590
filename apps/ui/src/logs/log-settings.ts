/** How this browser likes its logs. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { readStored, writeStored } from '../state/preferences.ts';

const DEFAULTS = {
  /** Long lines go on below instead of ending at the edge. */
  wrap: false,
  /** While the pointer rests over the lines they stand still. */
  holdUnderPointer: true,
  /** The strip on the overview of a VM. */
  stripOpen: false,
} as const;

type Name = keyof typeof DEFAULTS;

export interface LogSettings {
  readonly values: ReadonlySignal<Readonly<Record<Name, boolean>>>;
  set(name: Name, value: boolean): void;
}

const KEY = 'innkeeper.logs';

const parse = (text: string | null): Record<Name, boolean> => {
  const values: Record<Name, boolean> = { ...DEFAULTS };
  try {
    const stored: unknown = JSON.parse(text ?? '{}');
    if (typeof stored !== 'object' || stored === null) return values;
    const known = new Map(Object.entries(stored));
    for (const name of ['wrap', 'holdUnderPointer', 'stripOpen'] as const) {
      const value: unknown = known.get(name);
      if (typeof value === 'boolean') values[name] = value;
    }
  } catch {
    // Of another release.
  }
  return values;
};

export const makeLogSettings = (storage: Storage): LogSettings => {
  const values = signal<Readonly<Record<Name, boolean>>>(parse(readStored(storage, KEY)));
  return {
    values,
    set: (name, value) => {
      values.value = { ...values.value, [name]: value };
      writeStored(storage, KEY, JSON.stringify(values.value));
    },
  };
};

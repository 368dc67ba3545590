/** What a part of the manager says about its own progress. */

export interface Probe {
  readonly ok: boolean;
  /** For people who may know more than the name of the part. */
  readonly message: string;
  /** The manager does its work without it: /ready does not depend on it. */
  readonly isOptional?: true;
}

export interface PartHealth extends Probe {
  /** Since when it is as it is, as far as anybody has asked; unix milliseconds. */
  readonly since: number;
}

export interface HealthParts {
  read(): ReadonlyMap<string, PartHealth>;
}

/** Asks each part when asked; remembers only since when its answer has been the same. */
export const makeHealthParts = (
  probes: Readonly<Record<string, () => Probe>>,
  now: () => number,
): HealthParts => {
  const before = new Map<string, { readonly ok: boolean; readonly since: number }>();
  const ask = (probe: () => Probe): Probe => {
    try {
      return probe();
    } catch (error) {
      return { ok: false, message: `cannot tell: ${String(error).slice(0, 200)}` };
    }
  };
  return {
    read() {
      const parts = new Map<string, PartHealth>();
      for (const [name, probe] of Object.entries(probes)) {
        const said = ask(probe);
        const known = before.get(name);
        const since = known?.ok === said.ok ? known.since : now();
        before.set(name, { ok: said.ok, since });
        parts.set(name, { ...said, since });
      }
      return parts;
    },
  };
};

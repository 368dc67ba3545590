/** Remembers which of the kernel's names are exposed, and as what: a regex each costs too much. */

/** More than any kernel has; beyond it a name is looked at each time. */
const MAX_REMEMBERED = 4096;

/** Undefined for names that are not exposed. */
export const selectNames = (
  selected: RegExp,
  metricOf: (name: string) => string,
): ((name: string) => string | undefined) => {
  const remembered = new Map<string, string | undefined>();
  return (name) => {
    if (remembered.has(name)) return remembered.get(name);
    const metric = selected.test(name) ? metricOf(name) : undefined;
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, metric);
    return metric;
  };
};

/** Finds a VM by one of its names; a name that two of them have finds none. */

export type NamesOf<Vm> = (vm: Vm) => readonly string[];

/** Built when it is first asked, so that nobody pays for an index that is not needed. */
export const indexBy = <Vm>(
  vms: readonly Vm[],
  namesOf: NamesOf<Vm>,
): ((name: string) => Vm | undefined) => {
  let index: Map<string, Vm | undefined> | undefined;

  const build = (): Map<string, Vm | undefined> => {
    const built = new Map<string, Vm | undefined>();
    vms.forEach((vm) => {
      namesOf(vm).forEach((name) => {
        built.set(name, built.has(name) && built.get(name) !== vm ? undefined : vm);
      });
    });
    return built;
  };

  return (name) => {
    index ??= build();
    return index.get(name);
  };
};

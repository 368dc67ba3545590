/**
 * One reader per FIFO and per QMP socket, ever: two readers of a FIFO steal lines from each other, and
 * a QMP socket serves one client at a time.
 */

export interface ReaderRegistry {
  /** The pid that has the path, which is this one where it was free. */
  claim(path: string, pid: number): number;
  release(path: string, pid: number): void;
}

export const makeReaderRegistry = (): ReaderRegistry => {
  const owners = new Map<string, number>();
  return {
    claim: (path, pid) => {
      const owner = owners.get(path);
      if (owner !== undefined) return owner;
      owners.set(path, pid);
      return pid;
    },
    release: (path, pid) => {
      if (owners.get(path) === pid) owners.delete(path);
    },
  };
};

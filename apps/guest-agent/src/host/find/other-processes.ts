/**
 * The processes that are no VMM, so that they are not looked at again at each scan. A young process
 * may still become another program (libvirt and the jailer fork first and exec then), so it is not
 * remembered yet; any process may do so late, so the old ones are looked at in turns.
 */

export interface OtherProcesses {
  /** Known to be no VMM, as far as this call is concerned. */
  isKnown(pid: string, nowMs: number): boolean;
  remember(pid: string, nowMs: number): void;
  forget(pid: string): void;
  startScan(nowMs: number): void;
  /** Forgets whoever was not seen in this scan; `seen` is how many were. */
  endScan(seen: number): void;
  clear(): void;
}

/** Everything slow or rare happens to one in so many processes or VMs at each call. */
export const TURNS = 16;

const YOUNG_MS = 60_000;
/** After a pause like this too many pids may have been used again to remember any. */
const FORGET_AFTER_MS = 60_000;

interface Other {
  readonly serial: number;
  readonly firstSeenMs: number;
  scan: number;
}

export const makeOtherProcesses = (): OtherProcesses => {
  const others = new Map<string, Other>();
  let serial = 0;
  let scan = 0;
  let scannedAtMs: number | undefined;

  return {
    startScan: (nowMs) => {
      if (scannedAtMs !== undefined && nowMs - scannedAtMs > FORGET_AFTER_MS) others.clear();
      scannedAtMs = nowMs;
      scan += 1;
    },
    isKnown: (pid, nowMs) => {
      const other = others.get(pid);
      if (other === undefined || nowMs - other.firstSeenMs < YOUNG_MS) return false;
      if ((other.serial + scan) % TURNS === 0) return false;
      other.scan = scan;
      return true;
    },
    remember: (pid, nowMs) => {
      const other = others.get(pid);
      if (other !== undefined) {
        other.scan = scan;
        return;
      }
      serial += 1;
      others.set(pid, { serial, firstSeenMs: nowMs, scan });
    },
    forget: (pid) => {
      others.delete(pid);
    },
    endScan: (seen) => {
      if (others.size <= seen) return;
      others.forEach((other, pid) => {
        if (other.scan !== scan) others.delete(pid);
      });
    },
    clear: () => others.clear(),
  };
};

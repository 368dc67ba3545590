/**
 * A machine that is this one but for what tells machines apart: its boot, its name and the UUID of
 * its firmware. For an agent that is started with `--proc-root` and `--sys-root`.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OtherMachine {
  readonly args: readonly string[];
  readonly bootId: () => string;
  /** It has another boot from now on. */
  reboot(): void;
  remove(): void;
}

/** Links to all that is in a folder, but for some names. */
const mirror = (from: string, to: string, except: readonly string[]): void => {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (except.includes(name) || /^\d+$/u.test(name)) continue;
    symlinkSync(join(from, name), join(to, name));
  }
};

export const makeOtherMachine = (
  facts: { readonly hostname?: string; readonly firmwareId?: string } = {},
): OtherMachine => {
  const root = mkdtempSync(join(tmpdir(), 'machine-'));
  const [proc, sys] = [join(root, 'proc'), join(root, 'sys')];
  const kernel = join(proc, 'sys/kernel');
  mirror('/proc', proc, ['sys']);
  mirror('/proc/sys', join(proc, 'sys'), ['kernel']);
  mirror('/proc/sys/kernel', kernel, ['random', 'hostname']);
  mkdirSync(join(kernel, 'random'));
  writeFileSync(join(kernel, 'hostname'), `${facts.hostname ?? 'guest'}\n`);
  mirror('/sys', sys, ['class']);
  mirror('/sys/class', join(sys, 'class'), ['dmi']);
  mkdirSync(join(sys, 'class/dmi/id'), { recursive: true });
  if (facts.firmwareId !== undefined) {
    writeFileSync(join(sys, 'class/dmi/id/product_uuid'), `${facts.firmwareId}\n`);
  }
  let bootId = '';
  const reboot = (): void => {
    bootId = randomUUID();
    writeFileSync(join(kernel, 'random/boot_id'), `${bootId}\n`);
  };
  reboot();
  return {
    args: ['--proc-root', proc, '--sys-root', sys],
    bootId: () => bootId,
    reboot,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

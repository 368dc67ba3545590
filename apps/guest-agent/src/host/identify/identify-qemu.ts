/**
 * QEMU's command line, as libvirt, Proxmox VE and people write it.
 * https://www.qemu.org/docs/master/system/invocation.html
 */
import { parseMemorySize } from './memory-size.ts';
import { isOn, parseOptionString } from './option-string.ts';
import { parseVcpuCount } from './vcpu-count.ts';
import { boundedName, boundedPath, boundedTaps, unidentified } from './vmm-identity.ts';
import type { VmmIdentity } from './vmm-identity.ts';

/** All others take a value, which may itself start with a dash: `-append -uuid`. */
const WITHOUT_VALUE = new Set(
  (
    'S s h help version snapshot nographic portrait daemonize nodefaults no-user-config ' +
    'nodefconfig no-acpi no-hpet no-reboot no-shutdown no-fd-bootchk win2k-hack singlestep ' +
    'one-insn-per-tb mem-prealloc usb full-screen alt-grab ctrl-grab no-quit no-frame sdl curses ' +
    'semihosting enable-fips enable-kvm no-kvm no-kvm-irqchip no-kvm-pit no-kvm-pit-reinjection ' +
    'only-migratable xen-attach xen-domid-restrict rtc-td-hack localtime old-param preconfig ' +
    'show-cursor enable-sync-profile async-teardown'
  ).split(' '),
);

type Options = ReadonlyMap<string, readonly string[]>;

const readArguments = (argv: readonly string[]): Options => {
  const options = new Map<string, string[]>();
  for (let index = 1; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (!argument.startsWith('-')) continue;
    const name = argument.slice(argument.startsWith('--') ? 2 : 1);
    if (WITHOUT_VALUE.has(name)) continue;
    index += 1;
    const values = options.get(name) ?? [];
    values.push(argv[index] ?? '');
    options.set(name, values);
  }
  return options;
};

/** libvirt writes some options as JSON. */
const parseEither = (text: string, impliedKey: string): ReadonlyMap<string, string> => {
  if (!text.startsWith('{')) return parseOptionString(text, impliedKey);
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null) return new Map();
    return new Map(
      Object.entries(document).flatMap(([key, value]): [string, string][] =>
        typeof value === 'string' ? [[key, value]] : [],
      ),
    );
  } catch {
    // Not JSON after all, and no option string either: it says nothing.
    return new Map();
  }
};

const readTaps = (options: Options): readonly string[] => {
  const all = ['netdev', 'nic', 'net'].flatMap((name) => options.get(name) ?? []);
  return all.flatMap((text) => {
    const net = parseEither(text, 'type');
    const name = net.get('type') === 'tap' ? net.get('ifname') : undefined;
    return name === undefined ? [] : [name];
  });
};

/** A socket that QEMU listens on. One it connects out to, or was handed, is not for others. */
const listeningPath = (socket: ReadonlyMap<string, string>): string | undefined =>
  isOn(socket.get('server')) && !isOn(socket.get('abstract')) ? socket.get('path') : undefined;

const readQmpSockets = (options: Options): readonly string[] => {
  const chardevs = new Map<string, string>();
  for (const text of options.get('chardev') ?? []) {
    const chardev = parseOptionString(text, 'backend');
    const path = chardev.get('backend') === 'socket' ? listeningPath(chardev) : undefined;
    const id = chardev.get('id');
    if (path !== undefined && id !== undefined) chardevs.set(id, path);
  }
  const named = (options.get('mon') ?? []).flatMap((text) => {
    const monitor = parseOptionString(text, 'chardev');
    const path = chardevs.get(monitor.get('chardev') ?? '');
    return monitor.get('mode') === 'control' && path !== undefined ? [path] : [];
  });
  const short = ['qmp', 'qmp-pretty'].flatMap((name) => options.get(name) ?? []);
  const shortened = short.flatMap((text) => {
    const path = text.startsWith('unix:')
      ? listeningPath(parseOptionString(text.slice('unix:'.length), 'path'))
      : chardevs.get(text.replace(/^chardev:/u, ''));
    return path === undefined ? [] : [path];
  });
  return [...new Set([...shortened, ...named])].flatMap((path) => boundedPath(path) ?? []);
};

/** The last one counts where an option can be given once, as in QEMU. */
const last = (options: Options, name: string): string | undefined => options.get(name)?.at(-1);

const lastParsed = (options: Options, name: string, key: string): ReadonlyMap<string, string> =>
  parseOptionString(last(options, name) ?? '', key);

const TOPOLOGY = ['drawers', 'books', 'sockets', 'dies', 'clusters', 'modules', 'cores', 'threads'];

const readVcpuCount = (options: Options): number | undefined => {
  const text = last(options, 'smp');
  if (text === undefined) return 1;
  const smp = parseOptionString(text, 'cpus');
  if (smp.has('cpus')) return parseVcpuCount(smp.get('cpus'));
  if (smp.has('maxcpus')) return parseVcpuCount(smp.get('maxcpus'));
  const product = TOPOLOGY.reduce((count, key) => count * Number(smp.get(key) ?? 1), 1);
  return parseVcpuCount(product);
};

/** Proxmox VE gives the UUID to the guest's firmware only. */
const readUuid = (options: Options): string | undefined => {
  const given = last(options, 'uuid');
  if (given !== undefined) return given;
  const system = (options.get('smbios') ?? [])
    .map((text) => parseOptionString(text))
    .find((table) => table.get('type') === '1');
  return system?.get('uuid');
};

/** Undefined for a QEMU without a machine, with which libvirt asks what QEMU can do. */
export const identifyQemu = (argv: readonly string[]): VmmIdentity | undefined => {
  const options = readArguments(argv);
  const machines = [...(options.get('machine') ?? []), ...(options.get('M') ?? [])];
  const hasNone = machines.some((text) => parseOptionString(text, 'type').get('type') === 'none');
  if (hasNone) return undefined;
  return {
    ...unidentified('qemu'),
    uuid: boundedName(readUuid(options)),
    name: boundedName(lastParsed(options, 'name', 'guest').get('guest')),
    id: boundedName(last(options, 'id')),
    memoryBytes: parseMemorySize(lastParsed(options, 'm', 'size').get('size'), 'm'),
    vcpuCount: readVcpuCount(options),
    pidfile: boundedPath(last(options, 'pidfile')),
    qmpSockets: readQmpSockets(options),
    taps: boundedTaps(readTaps(options)),
  };
};

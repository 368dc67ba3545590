/** What the machine is: kernel and distribution, for uname and os and for `/info`. */
import { parseOsRelease } from '@innkeeper/procfs';
import { formatLabels } from '../exposition/labels.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Source } from '../sources/source.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, unreadable, type Collected } from '../sources/collected.ts';

export interface Uname {
  readonly sysname: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
  readonly nodename: string;
  readonly domainname: string;
}

export const makeUnameCollector = (kernel: KernelFiles, architecture: string): Collector<Uname> => {
  const files = ['ostype', 'osrelease', 'version', 'hostname', 'domainname'].map((name) =>
    kernel.proc(`sys/kernel/${name}`, { whole: true }),
  );
  return {
    name: 'uname',
    collect: (): Collected<Uname> => {
      const values: string[] = [];
      for (const file of files) {
        const text = file.read();
        if (!text.ok) return unreadable(text.error);
        values.push(text.value.trim());
      }
      const [sysname = '', release = '', version = '', nodename = '', domainname = ''] = values;
      const machine = architecture;
      return collected({ sysname, release, version, machine, nodename, domainname });
    },
    expose: ({ domainname, machine, nodename, release, sysname, version }, out) => {
      out.family('node_uname_info', 'gauge', 'What uname(1) says; always 1.');
      const labels = { domainname, machine, nodename, release, sysname, version };
      out.sample(formatLabels(labels), 1);
    },
  };
};

export type OsRelease = ReadonlyMap<string, string>;

const OS_LABELS = [
  'BUILD_ID',
  'ID',
  'ID_LIKE',
  'IMAGE_ID',
  'IMAGE_VERSION',
  'NAME',
  'PRETTY_NAME',
  'VARIANT',
  'VARIANT_ID',
  'VERSION',
  'VERSION_CODENAME',
  'VERSION_ID',
] as const;

const MAJOR_MINOR = /^\d+(?:\.\d+)?/u;

/** An upgrade replaces the file, so the open one would stay as it was. */
const readOnce = (source: Source): Collected<OsRelease> => {
  const release = readParsed(source, parseOsRelease);
  source.close();
  return release;
};

export const makeOsCollector = (kernel: KernelFiles): Collector<OsRelease> => {
  // os-release(5): the first of the two that exists counts.
  const sources = [kernel.at('/etc/os-release'), kernel.at('/usr/lib/os-release')];
  return {
    name: 'os',
    collect: (): Collected<OsRelease> => {
      const [first, second] = sources.map(readOnce);
      return first?.ok === true ? first : (second ?? first ?? collected(new Map()));
    },
    expose: (release, out) => {
      const labels: Record<string, string> = {};
      for (const key of OS_LABELS) labels[key.toLowerCase()] = release.get(key) ?? '';
      out.family('node_os_info', 'gauge', 'What os-release(5) says; always 1.');
      out.sample(formatLabels(labels), 1);
      const version = MAJOR_MINOR.exec(release.get('VERSION_ID') ?? '')?.[0];
      out.family('node_os_version', 'gauge', 'Version of the distribution as a number.');
      const os = {
        id: release.get('ID') ?? '',
        id_like: release.get('ID_LIKE') ?? '',
        name: release.get('NAME') ?? '',
      };
      out.sample(formatLabels(os), version === undefined ? undefined : Number(version));
    },
  };
};

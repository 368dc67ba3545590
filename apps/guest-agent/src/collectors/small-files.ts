/** Collectors of one or two numbers each: file descriptors, entropy. */
import { parseFileNr, parseSingleNumber, type FileNr } from '@innkeeper/procfs';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

export const makeFilefdCollector = (kernel: KernelFiles): Collector<FileNr> => {
  const source = kernel.proc('sys/fs/file-nr', { whole: true });
  return {
    name: 'filefd',
    collect: () => readParsed(source, parseFileNr),
    expose: ({ allocated, maximum }, out) => {
      out.family('node_filefd_allocated', 'gauge', 'Open files of the whole machine.');
      out.sample('', allocated);
      out.family('node_filefd_maximum', 'gauge', 'Open files that the machine allows.');
      out.sample('', maximum);
    },
  };
};

interface Entropy {
  readonly availableBits: number;
  readonly poolSizeBits: number;
}

export const makeEntropyCollector = (kernel: KernelFiles): Collector<Entropy> => {
  const available = kernel.proc('sys/kernel/random/entropy_avail', { whole: true });
  const poolSize = kernel.proc('sys/kernel/random/poolsize', { whole: true });
  return {
    name: 'entropy',
    collect: (): Collected<Entropy> => {
      const bits = readParsed(available, (text) => parseSingleNumber(text, 'entropy_avail'));
      const size = readParsed(poolSize, (text) => parseSingleNumber(text, 'poolsize'));
      if (!bits.ok) return bits;
      if (!size.ok) return size;
      return collected({ availableBits: bits.value, poolSizeBits: size.value });
    },
    expose: ({ availableBits, poolSizeBits }, out) => {
      out.family('node_entropy_available_bits', 'gauge', 'Entropy that the kernel has.');
      out.sample('', availableBits);
      out.family('node_entropy_pool_size_bits', 'gauge', "Size of the kernel's entropy pool.");
      out.sample('', poolSizeBits);
    },
  };
};

/** Who takes part, and who cannot and why. */

import { copyFileSync, createReadStream, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { buildAgent } from '../../../scripts/build/bundle.ts';
import { buildNative } from '../../../scripts/build/native.ts';
import { debianBinary } from '../../support/debian-package.ts';
import { obtainNodeExporter } from '../../support/node-exporter.ts';
import type { Obtained } from '../../support/obtained.ts';
import type { Children } from '../measure/children.ts';
import { connectTo } from '../measure/keep-alive-client.ts';
import type { PartContext } from '../part.ts';
import type { Absent, Contender, Key } from './contender.ts';
import { listCollectors } from './exposition.ts';
import type { FileSize } from './figures.ts';
import { makeNetdata } from './netdata.ts';
import { makeNodeExporters } from './node-exporter.ts';
import { makeNativeAgents, makeOtherAgents, makeOurAgent, type Program } from './our-agent.ts';
import { startContender } from './running.ts';

export interface Roster {
  readonly contenders: readonly Contender[];
  readonly absent: readonly Absent[];
  readonly collectors: readonly string[];
  readonly files: readonly FileSize[];
}

interface Peers {
  readonly contenders: readonly Contender[];
  readonly absent: readonly Absent[];
  readonly files: readonly FileSize[];
}

const measureFile = async (name: string, path: string, signal: AbortSignal): Promise<FileSize> => {
  let gzipBytes = 0;
  await pipeline(
    createReadStream(path),
    createGzip({ level: 9 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) gzipBytes += chunk.length;
    },
    { signal },
  );
  return { name, bytes: statSync(path).size, gzipBytes };
};

/** Collectors that the running agent names: the list here could only be wrong some day. */
const askForCollectors = async (
  ours: Contender,
  children: Children,
  signal: AbortSignal,
): Promise<string[]> => {
  const running = await startContender(ours, children, signal);
  const client = await connectTo(running.port);
  try {
    const { status, body } = await client.ask(ours.scrapePath);
    const collectors = listCollectors(body.toString('utf8'));
    if (status !== 200 || collectors.length === 0) {
      throw new Error(`${ours.name}: ${ours.scrapePath} answered ${status} without collectors`);
    }
    return collectors;
  } finally {
    client.close();
    await running.stop();
  }
};

/** A peer that does not start is absent: the machine lacks something. */
const tryOut = async (
  contenders: readonly Contender[],
  children: Children,
  signal: AbortSignal,
): Promise<Omit<Peers, 'files'>> => {
  const present: Contender[] = [];
  const absent: Absent[] = [];
  for (const contender of contenders) {
    try {
      const running = await startContender(contender, children, signal);
      await running.stop();
      present.push(contender);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      absent.push({ name: contender.name, what: 'does not start on this machine', reason });
    }
  }
  return { contenders: present, absent };
};

const notToBeHad = (name: string, missing: Extract<Obtained, { ok: false }>): Absent => ({
  name,
  what: 'is not to be had on this machine',
  reason: `${missing.reason}. To have it: ${missing.install}`,
});

const gatherNative = async (
  { folder, signal }: PartContext,
  configPath: string,
  collectors: readonly string[],
): Promise<Peers> => {
  const built = await buildNative();
  if (!built.ok) {
    return { contenders: [], absent: [notToBeHad('our agent, native', built)], files: [] };
  }
  const program = { configPath, copyOf: copier(built.path, folder) };
  return {
    contenders: makeNativeAgents(program, collectors),
    absent: [],
    files: [await measureFile('our agent, native', built.path, signal)],
  };
};

const gatherNodeExporters = async (
  { folder, signal }: PartContext,
  children: Children,
  collectors: readonly string[],
): Promise<Peers> => {
  const obtained = await obtainNodeExporter();
  if (!obtained.ok) {
    return { contenders: [], absent: [notToBeHad('node_exporter', obtained)], files: [] };
  }
  const copyOf = copier(obtained.path, folder);
  const exporters = makeNodeExporters(obtained.version, copyOf, collectors);
  const files = [await measureFile(`node_exporter ${obtained.version}`, obtained.path, signal)];
  return { ...(await tryOut(exporters, children, signal)), files };
};

const gatherNetdata = async (
  { folder, signal }: PartContext,
  children: Children,
): Promise<Peers> => {
  const obtained = await debianBinary({
    package: 'netdata-core',
    path: 'usr/sbin/netdata',
    versionArgs: ['-v'],
  });
  if (!obtained.ok) {
    return { contenders: [], absent: [notToBeHad('netdata', obtained)], files: [] };
  }
  const netdata = makeNetdata(obtained.version, obtained.path, folder);
  const files = [
    await measureFile(`netdata ${obtained.version}, the program alone`, obtained.path, signal),
  ];
  return { ...(await tryOut([netdata], children, signal)), files };
};

/**
 * A program of its own for each: processes that run the same file share its pages, and their
 * proportional and private memory would depend on who else is there.
 */
const copier =
  (path: string, folder: string) =>
  (key: Key): string => {
    const copy = join(folder, `${basename(path)}-${key}`);
    copyFileSync(path, copy);
    return copy;
  };

export const gatherRoster = async (context: PartContext, children: Children): Promise<Roster> => {
  const { folder, signal } = context;
  const built = await buildAgent();
  const configPath = join(folder, 'config.json');
  writeFileSync(configPath, '{}');
  const program: Program = {
    bundle: built.path,
    configPath,
    copyOf: copier(process.execPath, folder),
  };
  const ours = makeOurAgent(program);
  const collectors = await askForCollectors(ours, children, signal);

  const native = await gatherNative(context, configPath, collectors);
  const exporters = await gatherNodeExporters(context, children, collectors);
  const netdata = await gatherNetdata(context, children);
  signal.throwIfAborted();
  return {
    contenders: [
      ...native.contenders,
      ours,
      ...makeOtherAgents(program, collectors),
      ...exporters.contenders,
      ...netdata.contenders,
    ],
    absent: [...native.absent, ...exporters.absent, ...netdata.absent],
    collectors,
    files: [
      ...native.files,
      { name: 'our agent, the bundle', bytes: built.bytes, gzipBytes: built.gzipBytes },
      await measureFile(
        `Node ${process.versions.node}, which the bundle needs`,
        process.execPath,
        signal,
      ),
      ...exporters.files,
      ...netdata.files,
    ],
  };
};

import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { addVmm, FIRECRACKER } from '../../testing/fake-hypervisor.ts';
import { makeProcess } from '../../testing/make-process.ts';
import { unidentified, type VmmIdentity } from '../identify/vmm-identity.ts';
import { missing } from '../missing-part.ts';
import { makeHostPaths } from '../paths/host-paths.ts';
import { makeVmmPaths, type Located } from '../paths/vmm-paths.ts';
import { makeReaderRegistry } from './reader-registry.ts';
import { makeVmSources } from './vm-sources.ts';

const NOTHING = { apiSocket: undefined, metricsFifo: undefined, qmpSocket: undefined };
const PENDING = missing('pending', 'fake');

const make = () => {
  const files = makeFakeFiles({
    '/run/vm/m.fifo': '',
    '/run/vm/other.fifo': '',
    '/run/vm/api.sock': '',
    '/run/vm/q.sock': '',
    '/run/libvirt/q.sock': '',
    '/run/qemu-server/100.qmp': '',
    '/etc/passwd': '',
  });
  files.link('/run/vm/link.fifo', '/run/vm/m.fifo');
  const clock = makeFakeClock();
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  const events: string[] = [];
  let locate: (() => Located) | undefined;
  const dependencies = {
    clock,
    registry: makeReaderRegistry(),
    hostPaths: makeHostPaths(files, ['/run']),
    vmmPaths: makeVmmPaths(kernel),
    openFirecracker: (path: string, locateApi: () => Located) => {
      locate = locateApi;
      const api = locateApi();
      events.push(`open ${path} ${api.ok ? api.path : 'without API'}`);
      return { read: () => PENDING, stop: () => events.push(`stop ${path}`) };
    },
    openQmp: (path: string) => {
      events.push(`open ${path}`);
      return { read: async () => PENDING, stop: () => events.push(`stop ${path}`) };
    },
  };
  const open = (kind: VmmIdentity['kind'], pid: number, change: Partial<VmmIdentity>) => {
    addVmm(files, { pid, exe: FIRECRACKER, argv: ['firecracker'] });
    const identity = { ...unidentified(kind), ...change };
    const stat = makeProcess({ pid });
    const vmm = { pid, startTicks: 1, serial: pid, identity, stat, problem: undefined };
    return makeVmSources(dependencies, vmm, identity);
  };
  return { files, clock, events, open, api: () => locate?.() };
};

describe('makeVmSources', () => {
  it("opens Firecracker's metrics once, and stops them once", () => {
    const { events, open } = make();
    const identity = { metricsPath: '/run/vm/m.fifo', apiSocket: '/run/vm/api.sock' };
    const sources = open('firecracker', 10, identity);
    expect(sources.firecracker()).toBe(PENDING);
    expect(sources.firecracker()).toBe(PENDING);
    sources.close();
    sources.close();
    expect(sources.firecracker()).toMatchObject({ reason: 'absent' });
    expect(events).toEqual(['open /run/vm/m.fifo /run/vm/api.sock', 'stop /run/vm/m.fifo']);
  });

  it('opens the metrics without reading them, and looks for the API socket again', () => {
    const { files, events, open, api } = make();
    const identity = { metricsPath: '/run/vm/m.fifo', apiSocket: '/run/vm/late.sock' };
    const sources = open('firecracker', 10, identity);
    sources.open();
    sources.open();
    expect(events).toEqual(['open /run/vm/m.fifo without API']);
    expect(api()).toMatchObject({ ok: false, reason: 'absent' });
    files.set('/run/vm/late.sock', '');
    expect(api()).toEqual({ ok: true, path: '/run/vm/late.sock' });
  });

  it('says why there is no API socket', () => {
    const { open, api } = make();
    open('firecracker', 10, { metricsPath: '/run/vm/m.fifo', apiSocket: '/etc/passwd' }).open();
    const outside = api();
    expect(outside).toMatchObject({ reason: 'forbidden' });
    expect(JSON.stringify(outside)).toContain('host_paths');
    open('firecracker', 11, { metricsPath: '/run/vm/other.fifo' }).open();
    expect(JSON.stringify(api())).toContain('--api-sock');
  });

  it('opens a QMP socket once, and stops it once', async () => {
    const { events, open } = make();
    const sources = open('qemu', 10, { qmpSockets: ['/run/vm/q.sock'] });
    expect(await sources.qmp()).toBe(PENDING);
    expect(await sources.qmp()).toBe(PENDING);
    sources.close();
    expect(events).toEqual(['open /run/vm/q.sock', 'stop /run/vm/q.sock']);
  });

  it('opens nothing that the other kind of VMM has', () => {
    const { events, open } = make();
    const paths = { metricsPath: '/run/vm/m.fifo', qmpSockets: ['/run/vm/q.sock'] };
    expect(open('qemu', 10, paths).firecracker()).toMatchObject({ reason: 'absent' });
    expect(open('firecracker', 11, paths).qmp()).toMatchObject({ reason: 'absent' });
    expect(open('cloud-hypervisor', 12, paths).qmp()).toMatchObject({ reason: 'absent' });
    expect(events).toEqual([]);
  });

  it.each([
    ['no path at all', {}, 'absent', '--metrics-path'],
    ['a path outside', { metricsPath: '/etc/passwd' }, 'forbidden', 'host_paths'],
    ['a path that climbs out', { metricsPath: '/run/../etc/passwd' }, 'forbidden', 'absolute'],
    ['a path that is not there', { metricsPath: '/run/vm/none' }, 'absent', 'ENOENT'],
  ])('says what is wrong with %s', (_, identity, reason, word) => {
    const { events, open } = make();
    const part = open('firecracker', 10, identity).firecracker();
    expect(part).toMatchObject({ ok: false, reason });
    expect(JSON.stringify(part)).toContain(word);
    expect(events).toEqual([]);
  });

  it('tries again after a while what was not there', () => {
    const { files, clock, events, open } = make();
    const sources = open('firecracker', 10, { metricsPath: '/run/vm/late' });
    sources.firecracker();
    files.set('/run/vm/late', '');
    expect(sources.firecracker()).toMatchObject({ reason: 'absent' });
    clock.advance(10_000);
    expect(sources.firecracker()).toBe(PENDING);
    expect(events).toEqual(['open /run/vm/late without API']);
  });

  it('has one reader per FIFO, also under two names, and hands it on', () => {
    const { clock, events, open } = make();
    const first = open('firecracker', 10, { metricsPath: '/run/vm/m.fifo' });
    const second = open('firecracker', 11, { metricsPath: '/run/vm/link.fifo' });
    expect(first.firecracker()).toBe(PENDING);
    const refused = second.firecracker();
    expect(refused).toMatchObject({ ok: false, reason: 'forbidden' });
    expect(JSON.stringify(refused)).toContain('pid 10');
    first.close();
    clock.advance(10_000);
    expect(second.firecracker()).toBe(PENDING);
    expect(events).toEqual([
      'open /run/vm/m.fifo without API',
      'stop /run/vm/m.fifo',
      'open /run/vm/m.fifo without API',
    ]);
  });

  it('takes what the manager adds, and changes over once', () => {
    const { events, open } = make();
    const sources = open('firecracker', 10, { metricsPath: '/run/vm/m.fifo' });
    sources.firecracker();
    const added = { ...NOTHING, metricsFifo: '/run/vm/other.fifo', apiSocket: '/run/vm/api.sock' };
    sources.add(added);
    sources.firecracker();
    sources.add(added);
    sources.add(NOTHING);
    sources.firecracker();
    expect(events).toEqual([
      'open /run/vm/m.fifo without API',
      'stop /run/vm/m.fifo',
      'open /run/vm/other.fifo /run/vm/api.sock',
    ]);
  });

  it.each([
    ['/run/libvirt/q.sock', 'libvirt'],
    ['/run/qemu-server/100.qmp', 'Proxmox VE'],
  ])('leaves %s to its owner, unless it is named', async (path, owner) => {
    const { events, open } = make();
    const sources = open('qemu', 10, { qmpSockets: [path] });
    const part = await sources.qmp();
    expect(part).toMatchObject({ ok: false, reason: 'forbidden' });
    expect(JSON.stringify(part)).toContain(owner);
    sources.add({ ...NOTHING, qmpSocket: path });
    expect(await sources.qmp()).toBe(PENDING);
    expect(events).toEqual([`open ${path}`]);
  });

  it('leaves a socket to its owner also under another name', async () => {
    const { files, events, open } = make();
    files.link('/run/vm/alias', '/run/libvirt');
    const alias = '/run/vm/alias/q.sock';
    const part = await open('qemu', 10, { qmpSockets: [alias] }).qmp();
    expect(part).toMatchObject({ ok: false, reason: 'forbidden' });
    expect(JSON.stringify(part)).toContain('libvirt');
    const qmpSockets = [alias, '/run/vm/q.sock'];
    expect(await open('qemu', 11, { qmpSockets }).qmp()).toBe(PENDING);
    expect(events).toEqual(['open /run/vm/q.sock']);
  });

  it('prefers a QMP socket that nobody else has', async () => {
    const { events, open } = make();
    const qmpSockets = ['/run/libvirt/q.sock', '/run/vm/q.sock'];
    expect(await open('qemu', 10, { qmpSockets }).qmp()).toBe(PENDING);
    expect(events).toEqual(['open /run/vm/q.sock']);
  });

  it("does not guess where a path is when it may not see the VMM's root", () => {
    const { files, events, open } = make();
    const sources = open('firecracker', 10, { metricsPath: '/run/vm/m.fifo' });
    files.fail('/proc/10/root', 'EACCES');
    const part = sources.firecracker();
    expect(part).toMatchObject({ reason: 'forbidden' });
    expect(JSON.stringify(part)).toContain('CAP_SYS_PTRACE');
    expect(events).toEqual([]);
  });
});

/**
 * What tests want from the machine beyond the repository. `npm test` fetches all of it before the
 * tests, which then find it in the cache: a download may take longer than a test may.
 */

import { buildNative } from '../../scripts/build/native.ts';
import { obtainFirecracker, obtainJailer } from '../fakes/firecracker/stand-in.ts';
import { obtainArm64Agent } from './arm64.ts';
import { obtainBusybox } from './busybox-root.ts';
import { obtainChromium } from './chromium.ts';
import { debianBinary } from './debian-package.ts';
import { obtainIdleVmm } from '../fakes/idle-vmm/idle-vmm.ts';
import { obtainNotifySocket } from '../fakes/notify-socket/notify-socket.ts';
import { obtainVirtioPort } from '../fakes/virtio-port/virtio-port.ts';
import { nodeBinary } from './node-version.ts';
import type { Obtained } from './obtained.ts';
import { obtainCaddy, obtainNginx } from './proxies.ts';
import { obtainQemu } from './qemu.ts';
import { obtainRpm } from './rpm.ts';
import { obtainShellcheck } from './shellcheck.ts';

export const needs: readonly (() => Promise<Obtained>)[] = [
  obtainChromium,
  async () =>
    await debianBinary({
      package: 'prometheus-node-exporter',
      path: 'usr/bin/prometheus-node-exporter',
      alsoNamed: ['node_exporter'],
    }),
  async () => await debianBinary({ package: 'prometheus', path: 'usr/bin/promtool' }),
  obtainQemu,
  obtainFirecracker,
  obtainJailer,
  obtainIdleVmm,
  async () => await buildNative('sanitized'),
  obtainArm64Agent,
  obtainVirtioPort,
  obtainNotifySocket,
  obtainBusybox,
  obtainNginx,
  obtainCaddy,
  obtainRpm,
  obtainShellcheck,
  async () => await nodeBinary(18),
  async () => await nodeBinary(20),
  async () => await nodeBinary(22),
  async () => await nodeBinary(24),
];

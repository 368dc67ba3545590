/**
 * install.sh on a whole machine, as small as they come: busybox, its wget, and an init.d. The agent
 * that it installs really runs there.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import type { CommandResult } from '../../scripts/run-command.ts';
import { NATIVE } from '../support/agent-process.ts';
import { makeBusyboxRoot, obtainBusybox, type BusyboxRoot } from '../support/busybox-root.ts';
import { INSTALL_MS, serveForTest } from '../support/install-script.ts';
import { orSkip } from '../support/obtained.ts';

const freePort = async (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });

/** Says what it was asked for. */
const UPDATE_RC = '#!/bin/sh\necho "update-rc.d $*"\n';

const enter = async (context: TestContext, script: string): Promise<BusyboxRoot> => {
  orSkip(context, 'the native agent', NATIVE);
  const busybox = orSkip(context, 'busybox', await obtainBusybox());
  const files = {
    'usr/sbin/update-rc.d': UPDATE_RC,
    'install.sh': script,
    'etc/init.d/README': '',
  };
  const machine = makeBusyboxRoot(busybox.path, files);
  return 'reason' in machine ? context.skip(machine.reason) : machine;
};

const installScript = async (from: { ask: (path: string) => Promise<{ text: string }> }) =>
  (await from.ask('/install.sh')).text;

const codesIn = ({ output }: CommandResult): readonly string[] =>
  [...output.matchAll(/^code (\d+)$/gmu)].map(([, code = '']) => code);

test(
  'the agent is installed, healthy, upgraded, and removed again',
  async (context) => {
    const server = await serveForTest({});
    const machine = await enter(context, await installScript(server));
    const listen = `127.0.0.1:${await freePort()}`;
    const install = `sh /install.sh --manager ${server.url}`;
    const done = await machine.run(`
      ${install} --listen ${listen}; echo "code $?"
      wget -qO- http://${listen}/health; echo
      /etc/init.d/guest-agent status
      ${install}; echo "code $?"
      kill -9 $(pidof guest-agent | tr ' ' '\\n' | sort -n | tail -n 1)
      n=0; until wget -qO /dev/null http://${listen}/health 2>/dev/null || [ $n -gt 15 ]; do sleep 1; n=$((n + 1)); done
      wget -qO- http://${listen}/health >/dev/null; echo "code $?"
      ${install} --uninstall --purge; echo "code $?"
      pidof guest-agent || echo none
    `);
    expect(codesIn(done), done.output).toEqual(['0', '0', '0', '0']);
    expect(done.output).toContain('"status":"ok"');
    expect(done.output).toMatch(/guest-agent runs as process \d+/u);
    expect(done.output).toContain('keeps /etc/guest-agent/config.json as it is');
    expect(done.output.trimEnd().split('\n').at(-1)).toBe('none');
    for (const path of ['usr/local/bin/guest-agent', 'etc/guest-agent', 'etc/init.d/guest-agent']) {
      expect(existsSync(join(machine.folder, path)), path).toBe(false);
    }
  },
  INSTALL_MS,
);

test(
  'an agent that does not get well makes room for the one before',
  async (context) => {
    const good = await serveForTest({});
    const broken = Buffer.from(
      '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho broken >&2; exit 1\n',
    );
    const bad = await serveForTest({
      replace: (one) =>
        one.name === 'guest-agent-linux-x64'
          ? {
              ...one,
              content: broken,
              sha256: createHash('sha256').update(broken).digest('hex'),
            }
          : one,
    });
    const script = await installScript(good);
    const [line = ''] = /^\S*[\da-f]{64} guest-agent-linux-x64/mu.exec(script) ?? [];
    const [sum = ''] = /[\da-f]{64}/u.exec(line) ?? [];
    const machine = await enter(context, script);
    const listen = `127.0.0.1:${await freePort()}`;
    const other = createHash('sha256').update(broken).digest('hex');
    const done = await machine.run(`
      sh /install.sh --manager ${good.url} --listen ${listen}; echo "code $?"
      sed 's/${sum}/${other}/; s/^HEALTHY_WITHIN=.*/HEALTHY_WITHIN=3/' /install.sh >/bad.sh
      sh /bad.sh --manager ${bad.url}; echo "code $?"
      n=0; until wget -qO /dev/null http://${listen}/health 2>/dev/null || [ $n -gt 15 ]; do sleep 1; n=$((n + 1)); done
      wget -qO- http://${listen}/health >/dev/null; echo "code $?"
    `);
    expect(codesIn(done), done.output).toEqual(['0', '6', '0']);
    expect(done.output).toContain('puts the version from before back');
    expect(done.output).toContain('broken');
  },
  INSTALL_MS,
);

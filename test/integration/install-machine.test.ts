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

/** Stands for systemd 255: starts what the unit says, and keeps what it was asked. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >>/systemctl.log
case $1 in
  --version) echo 'systemd 255 (255.4)' ;;
  restart)
    killall guest-agent 2>/dev/null
    $(sed -n 's/^ExecStart=//p' "/etc/systemd/system/$2") >/dev/null 2>&1 &
    ;;
  disable) killall guest-agent ;;
esac
exit 0
`;

const enter = async (
  context: TestContext,
  script: string,
  more: Readonly<Record<string, string>> = {},
): Promise<BusyboxRoot> => {
  orSkip(context, 'the native agent', NATIVE);
  const busybox = orSkip(context, 'busybox', await obtainBusybox());
  const init = { 'usr/sbin/update-rc.d': UPDATE_RC, 'etc/init.d/README': '' };
  const files = { ...init, 'install.sh': script, ...more };
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

test(
  'under systemd it gets the unit, and the drop-ins that fit',
  async (context) => {
    const server = await serveForTest({});
    const machine = await enter(context, await installScript(server), {
      'usr/bin/systemctl': SYSTEMCTL,
      'run/systemd/system/README': '',
    });
    const listen = `127.0.0.1:${await freePort()}`;
    const install = `sh /install.sh --manager ${server.url}`;
    const units = '/etc/systemd/system';
    const done = await machine.run(`
      ${install} --listen ${listen}; echo "code $?"
      ls ${units}/guest-agent.service.d
      ${install} --commands off; echo "code $?"
      ls ${units}/guest-agent.service.d
      ${install} --role host; echo "code $?"
      ls ${units}
      ${install} --uninstall; echo "code $?"
      ls ${units}; echo end; cat /systemctl.log
    `);
    expect(codesIn(done), done.output).toEqual(['0', '0', '0', '0']);
    const [first = '', second = '', third = '', last = ''] = done.output
      .split(/^code 0$/mu)
      .slice(1);
    expect(first).toMatch(/^commands\.conf\nrestart-steps\.conf$/mu);
    expect(second).not.toContain('commands.conf');
    expect(second).toContain('restart-steps.conf');
    expect(third).toContain('guest-agent-host.service\n');
    expect(last).toMatch(/^\s*end\n/u);
    expect(last).toContain('enable guest-agent.service\n');
    expect(last).toContain('disable --now guest-agent.service\n');
    expect(last).toContain('restart guest-agent-host.service\n');
  },
  INSTALL_MS,
);

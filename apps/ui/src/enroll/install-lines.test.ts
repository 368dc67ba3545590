import { expect, test } from 'vitest';
import {
  deployLine,
  publicUrlSetting,
  qemuLine,
  virtInstallLine,
  withWget,
} from './install-lines.ts';

const vm = { id: 'b7', name: `web'; reboot, x` };

test('the line of the manager becomes one for wget, and another line becomes none', () => {
  expect(withWget(`curl -fsSL 'http://m:1/install.sh' | sh -s -- --vm-id b7`)).toBe(
    `wget -qO- 'http://m:1/install.sh' | sh -s -- --vm-id b7`,
  );
  expect(withWget('sh install.sh')).toBeUndefined();
});

test('both lines take the drive that was downloaded, and a name never leaves its quotes', () => {
  expect(virtInstallLine(vm)).toContain('--disk path=b7-seed.iso,bus=virtio,readonly=on');
  expect(virtInstallLine(vm)).toContain(String.raw`--name 'web'\''; reboot, x' `);
  expect(qemuLine(vm)).toContain('file=b7-seed.iso');
  expect(qemuLine(vm)).toContain(String.raw`-name 'web'\''; reboot,, x' `);
});

test('the script is told where this manager is', () => {
  expect(deployLine('http://m:1', 'b7')).toBe(
    'scripts/deploy-guest-agent.sh b7 --manager http://m:1',
  );
  expect(deployLine('http://m:1', 'b7', 'root@10.0.0.5')).toContain('--ssh root@10.0.0.5');
});

test.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])(
  'guests do not reach %s: an address of the network is to be set, and listened on',
  (origin) => {
    expect(publicUrlSetting(origin)).toContain('INNKEEPER_PUBLIC_URL=http://192.168.');
    expect(publicUrlSetting(origin)).toContain('INNKEEPER_LISTEN=');
  },
);

test('an address that is no loopback is what to set', () => {
  expect(publicUrlSetting('http://10.0.0.1:8080')).toBe(
    'INNKEEPER_PUBLIC_URL=http://10.0.0.1:8080',
  );
});

test('behind TLS the guests need a way of their own', () => {
  expect(publicUrlSetting('https://innkeeper.example.org')).toBe(
    'INNKEEPER_PUBLIC_URL=https://innkeeper.example.org\nINNKEEPER_GUEST_URL=http://192.168.122.1:8080',
  );
});

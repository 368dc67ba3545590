import { gunzipSync } from 'node:zlib';
import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderSeedImage, renderUserData, renderVendorData } from './cloud-init.ts';

const FACTS = {
  vmId: '0198c4b2-6a52-7cc0-8f0e-3d1f1a2b3c4d',
  name: 'web 1',
  token: 'ie_abc_def',
  expiresAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  installScript: "#!/bin/sh\necho 'a $b'\n",
};

const SECTOR = 2048;

describe('user-data', () => {
  test('carries the install script, and runs it with the token in its environment', () => {
    const text = renderUserData(FACTS);
    const [, packed = ''] = /^ {4}content: (\S+)$/mu.exec(text) ?? [];
    expect(gunzipSync(Buffer.from(packed, 'base64')).toString()).toBe(FACTS.installScript);
    expect(text).toContain(
      '  - ["env", "INNKEEPER_TOKEN=ie_abc_def", "sh", "/etc/guest-agent/install.sh", "--vm-id", ' +
        `"${FACTS.vmId}", "--wait", "900"]`,
    );
    expect(text).toContain(
      '# Innkeeper, for the VM "web 1": good once, until 2026-01-02T03:04:05.',
    );
  });

  test('has the same lines whatever the VM is called', () => {
    const lines = (name: string): readonly string[] =>
      renderUserData({ ...FACTS, name }).split(/[\n\r\u0085\u2028\u2029]/u);
    const expected = lines('x').length;
    assert(
      property(string({ unit: 'binary', maxLength: 30 }), (name) => {
        expect(lines(name)).toHaveLength(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('is small enough for every cloud', () => {
    const installScript = 'echo some line of a script\n'.repeat(1_000);
    expect(renderUserData({ ...FACTS, installScript }).length).toBeLessThan(16_384);
  });
});

test('vendor-data is a script that leaves the install script behind and becomes it', () => {
  const text = renderVendorData(FACTS);
  expect(text.startsWith('#!/bin/sh\n')).toBe(true);
  expect(text).toContain(`\n${FACTS.installScript}INNKEEPER_INSTALL_SCRIPT_ENDS_HERE\n`);
  expect(text).toMatch(/\nINNKEEPER_TOKEN='ie_abc_def' exec 'sh' '\S+' '--vm-id' .*\n$/u);
});

describe('the seed image', () => {
  test('is a CD called cidata, the same each time', () => {
    const image = renderSeedImage(FACTS);
    expect(image.equals(renderSeedImage(FACTS))).toBe(true);
    expect(image.length % SECTOR).toBe(0);
    const volume = image.subarray(16 * SECTOR);
    expect(volume.subarray(0, 7).toString('latin1')).toBe('\u0001CD001\u0001');
    expect(volume.subarray(40, 72).toString().trimEnd()).toBe('cidata');
    expect(volume.readUInt32LE(80)).toBe(image.length / SECTOR);
  });

  test.each([
    ['Web_Server  No. 1!', 'web-server-no-1'],
    ['--', 'vm-0198c4b2'],
    ['ünïcode', 'n-code'],
    ['"; rm -rf /', 'rm-rf'],
    ['x'.repeat(100), 'x'.repeat(63)],
  ])('calls the machine of %j %s', (name, host) => {
    const text = renderSeedImage({ ...FACTS, name }).toString('latin1');
    expect(text).toContain(`instance-id: "innkeeper-${FACTS.vmId}"\nlocal-hostname: "${host}"\n`);
  });
});

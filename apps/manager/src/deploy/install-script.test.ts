import { spawnSync } from 'node:child_process';
import { array, assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderInstallScript, shellQuote } from './install-script.ts';

const printed = (script: string): string => {
  const { stdout, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout;
};

const artefacts = {
  version: '1.2.3',
  all: [
    { name: 'b', content: new Uint8Array(), sha256: 'bb' },
    { name: 'a', content: new Uint8Array(), sha256: 'aa' },
  ],
  get: () => undefined,
};
const facts = { managerUrl: 'http://m:8080', managerKeys: ['k1=', 'k2='], artefacts };

test('a quoted text is that text for a shell, whatever is in it', () => {
  const texts = array(
    string({ unit: 'binary', maxLength: 40 }).filter((one) => !/[\0\r]/u.test(one)),
    { minLength: 50, maxLength: 50 },
  );
  // A process for each of a few hundred texts would take seconds.
  assert(
    property(texts, (values) => {
      const words = values.map((value) => shellQuote(value)).join(' ');
      expect(printed(`printf '%s\\r' ${words}`)).toBe(values.map((one) => `${one}\r`).join(''));
    }),
    { numRuns: 5 },
  );
});

describe('a rendered script', () => {
  const template =
    "#!/bin/sh\nMANAGER_URL=''\nMANAGER_KEYS=''\nVERSION=''\nCHECKSUMS=''\nOTHER=''\n";

  test('knows the manager, its keys, and the checksum of each artefact', () => {
    const script = renderInstallScript(template, facts);
    const show = 'printf "%s|" "$MANAGER_URL" "$MANAGER_KEYS" "$VERSION" "$CHECKSUMS" "$OTHER"';
    expect(printed(script + show)).toBe('http://m:8080|k1= k2=|1.2.3|bb b\naa a||');
  });

  test('runs nothing that stands in a value', () => {
    const managerUrl = "http://m/'; touch /nowhere/x; '$(id)`id`";
    const script = renderInstallScript(template, { ...facts, managerUrl });
    expect(printed(`${script}printf %s "$MANAGER_URL"`)).toBe(managerUrl);
  });
});

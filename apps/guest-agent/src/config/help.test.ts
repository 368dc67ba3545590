import { describe, expect, it } from 'vitest';
import { helpText } from './help.ts';
import { DEFAULT_CONFIG_PATH } from './load.ts';
import { SETTINGS } from './settings.ts';

describe('helpText', () => {
  const text = helpText('1.2.3');

  it('says which version speaks', () => {
    expect(text).toContain('guest-agent 1.2.3');
  });

  it.each(Object.entries(SETTINGS))('tells of %s, on one line', (key, { help, placeholder }) => {
    const line = text.split('\n').find((one) => one.includes(`--${key.replaceAll('_', '-')} `));
    expect(line).toContain(placeholder);
    expect(line?.endsWith(help)).toBe(true);
  });

  it.each(['--config FILE', '--version', '--help', DEFAULT_CONFIG_PATH, 'GUEST_AGENT_', '78'])(
    'tells of %s',
    (word) => {
      expect(text).toContain(word);
    },
  );

  it('fits a terminal of 100 columns', () => {
    const widths = text.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });
});

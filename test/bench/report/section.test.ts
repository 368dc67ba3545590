import { describe, expect, test } from 'vitest';
import { replaceSection } from './section.ts';

const page = '# Bench\n\n<!-- bench:agent -->\nold\n<!-- /bench:agent -->\n\nend\n';

describe('a section of a page', () => {
  test('is replaced, and nothing around it', () => {
    const replaced = replaceSection(page, 'agent', 'new $& $1\n');
    expect(replaced).toStrictEqual({
      ok: true,
      text: '# Bench\n\n<!-- bench:agent -->\n\nnew $& $1\n\n<!-- /bench:agent -->\n\nend\n',
    });
  });

  test('is the same after a second time', () => {
    const once = replaceSection(page, 'agent', 'new');
    expect(once.ok && replaceSection(once.text, 'agent', 'new')).toStrictEqual(once);
  });

  test.each([
    ['is not there', 'nothing', /there is no section <!-- bench:agent -->/u],
    ['ends before it starts', '<!-- /bench:agent --><!-- bench:agent -->', /no section/u],
    ['has no end', '<!-- bench:agent -->', /no section/u],
    ['is there twice', `${page}${page}`, /two sections/u],
  ])('that %s is an error in words', (_, text, reason) => {
    const replaced = replaceSection(text, 'agent', 'new');
    expect(replaced.ok ? '' : replaced.reason).toMatch(reason);
  });
});

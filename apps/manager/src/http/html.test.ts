import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, joinHtml } from './html.ts';

test('what is put into a template is text, except HTML that another template made', () => {
  const inner = html`<b>${'<i>'}</b>`;
  expect(html`<p title="${'"\''}">${inner}</p>`.markup).toBe(
    '<p title="&quot;&#39;"><b>&lt;i&gt;</b></p>',
  );
  expect(joinHtml([inner, inner]).markup).toBe('<b>&lt;i&gt;</b>\n<b>&lt;i&gt;</b>');
});

test('no text gets out of its element or attribute', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(html`${text}`.markup).not.toMatch(/[<>"']/u);
    }),
  );
});

/** How the pages are bundled: https://vite.dev/config/ */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // Also where NODE_ENV is `test`: what tests have built is used afterwards, and the form for
  // development is a fifth larger and has the paths of this machine in it.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // Fonts and pictures stay files of their own: the content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

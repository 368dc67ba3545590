/** The pages of the benchmark's own (page/), bundled and served on loopback. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { root } from '../../../scripts/root.ts';

export type BenchPage = 'reference' | 'ours' | 'uplot' | 'chart-js';

export interface BenchPages {
  /** To be evaluated in any page. */
  readonly probe: string;
  urlOf(page: BenchPage): string;
  close(): Promise<void>;
}

const folder = join(import.meta.dirname, 'page');
const addressSchema = z.object({ port: z.int() });

const STYLES = [
  join(root, 'apps/ui/src/styles/tokens.css'),
  join(root, 'apps/ui/src/styles/base.css'),
  join(root, 'apps/ui/src/charts/time-chart.css'),
  join(root, 'node_modules/uplot/dist/uPlot.min.css'),
  join(folder, 'boxes.css'),
] as const;

/** By the path below the outdir that the browser asks for. */
const bundle = async (entryPoints: readonly string[]): Promise<Map<string, string>> => {
  const { outputFiles } = await build({
    entryPoints: [...entryPoints],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2023',
    outdir: '/',
    entryNames: '[name]',
    write: false,
    logLevel: 'silent',
    external: ['*.woff2'],
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
};

const htmlOf = (name: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title>` +
  `<link rel="icon" href="data:,">` +
  STYLES.map((path) => `<link rel="stylesheet" href="/${nameOf(path)}">`).join('') +
  `<body><script src="/${name}.js"></script></body></html>`;

const nameOf = (path: string): string => path.split('/').at(-1) ?? '';

const TYPES: Readonly<Record<string, string>> = { css: 'text/css', js: 'text/javascript' };

export const serveBenchPages = async (): Promise<BenchPages> => {
  const programs = ['reference', 'ours', 'uplot', 'chart-js', 'probe'] as const;
  const scripts = await bundle(programs.map((name) => join(folder, `${name}.ts`)));
  // By itself: what a page imports of styles has a name of the page.
  const styles = await bundle(STYLES);
  const files = new Map([...scripts, ...styles]);
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url);
    const type = file === undefined ? 'text/html' : TYPES[url.split('.').at(-1) ?? ''];
    response.setHeader('content-type', `${type ?? 'text/plain'}; charset=utf-8`);
    response.end(file ?? htmlOf(url.slice(1)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressSchema.parse(server.address());
  return {
    probe: files.get('/probe.js') ?? '',
    urlOf: (page) => `http://127.0.0.1:${port}/${page}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

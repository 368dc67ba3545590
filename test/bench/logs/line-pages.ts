/** A VM's logs in a browser of their own, and the probe that says when a line has been painted. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { AgentBuild } from '../../support/agent-process.ts';
import { signIn } from '../../support/sign-in.ts';
import type { Browsers, OpenPage } from '../ui/browser.ts';
import type { Rig } from './rig.ts';

export interface LineProbe {
  start(prefix: string): Promise<void>;
  /** Unix ms of each line that was painted since the last call, by its number. */
  painted(): Promise<readonly (readonly [number: number, at: number])[]>;
}

export interface PageTools {
  readonly browsers: Browsers;
  readonly probes: Probes;
  /** Of the agent. */
  readonly build: AgentBuild;
}

const paintedSchema = z.array(z.tuple([z.number(), z.number()]));

export interface Probes {
  /** Of frames and long tasks. */
  readonly tasks: string;
  readonly lines: string;
}

export const bundleProbes = async (): Promise<Probes> => {
  const bundle = async (name: string): Promise<string> => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, '../ui/page', `${name}.ts`)],
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2023',
      write: false,
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  };
  return { tasks: await bundle('probe'), lines: await bundle('line-probe') };
};

/** Evaluated, since the pages allow no script that they have not brought. */
export const plantLineProbe = async (page: Page, source: string): Promise<LineProbe> => {
  await page.evaluate(source);
  return {
    start: async (prefix) => {
      await page.evaluate(`innkeeperLineProbe.start(${JSON.stringify(prefix)})`);
    },
    painted: async () => paintedSchema.parse(await page.evaluate('innkeeperLineProbe.painted()')),
  };
};

export const withLogPage = async <Value>(
  browsers: Browsers,
  { url, vmId, manager }: Rig,
  work: (open: OpenPage) => Promise<Value>,
): Promise<Value> =>
  browsers.withPage(async (open) => {
    const { page } = open;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await signIn(page, { url, token: manager.token, path: `/vms/${vmId}?tab=logs` });
    await page.locator('.log-foot .live-dot[data-state="live"]').waitFor();
    return work(open);
  });

/** Lines of this prefix that the viewer has, by their numbers, in its order. */
export const keptNumbers = async (page: Page, prefix: string): Promise<readonly number[]> => {
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Copy all that fit the filter' }).click();
  await page.getByText('lines copied').waitFor();
  await page.keyboard.press('Escape');
  const text = String(await page.evaluate('navigator.clipboard.readText()'));
  const pattern = new RegExp(`${prefix} (\\d+) `, 'u');
  return text.split('\n').flatMap((line) => {
    const number = pattern.exec(line)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
};

/** As the viewer says it. */
export const droppedLines = async (page: Page): Promise<number> => {
  const text = (await page.locator('.log-foot').textContent()) ?? '';
  const dropped = /([\d,]+) dropped/u.exec(text)?.[1];
  if (dropped === undefined) throw new Error(`the viewer does not say what was dropped: ${text}`);
  return Number(dropped.replaceAll(',', ''));
};

import { runCommand } from '../../scripts/run-command.ts';

const timeoutMs = 10_000;

/**
 * What a program calls its version, which also proves that it runs here: a file for another C
 * library or without its shared libraries does not.
 */
export async function programVersion(
  path: string,
  args: readonly string[] = ['--version'],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ ok: true; version: string } | { ok: false; reason: string }> {
  const { ok, output } = await runCommand(path, args, {
    env: { ...process.env, ...variables },
    timeoutMs,
  });
  const [version] = /\d+\.\d+(?:\.\d+)*/u.exec(output) ?? [];
  if (ok && version !== undefined) return { ok: true, version };
  const said = output.trim().split('\n')[0] ?? '';
  return { ok: false, reason: `${path} does not run here: ${said}` };
}

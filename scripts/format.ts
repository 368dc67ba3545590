/** `npm run format`: formats all that `npm run check` looks at. */

import { join } from 'node:path';
import { root } from './root.ts';
import { runCommand } from './run-command.ts';

const oxfmt = join(root, 'node_modules', '.bin', 'oxfmt');
const args = process.argv.slice(2);
const { ok, output } = await runCommand(oxfmt, args, { cwd: root, timeoutMs: 60_000 });
process.stdout.write(output);
process.exitCode = ok ? 0 : 1;

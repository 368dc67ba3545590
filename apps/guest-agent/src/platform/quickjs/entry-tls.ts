/** Where the agent starts in the native binary that encrypts. */
import { run } from './run.ts';
import { quickjsTls } from './tls.ts';

await run(quickjsTls);

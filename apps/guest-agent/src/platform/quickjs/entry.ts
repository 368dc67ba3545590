/** Where the agent starts in the native binary. */
import { run } from './run.ts';

await run();

/**
 * The flags under which the agent runs on Node wherever we start it. docs/bench.md has the figures.
 */

const nodeMajor = Number(process.versions.node.split('.')[0]);

export const agentNodeFlags: readonly string[] = [
  // No JIT and small heap steps: the one flag that stops memory from growing under load.
  '--lite-mode',
  // No threads of V8's own: a guest has few CPUs, and each thread a stack.
  '--single-threaded',
  '--v8-pool-size=0',
  // A young generation of 1 MB instead of 16.
  '--max-semi-space-size=1',
  // Lite mode has no WebAssembly, and Node warns about that unless it is told first. Node 24 neither
  // warns nor knows the flag.
  ...(nodeMajor < 24 ? ['--no-expose-wasm'] : []),
];

/**
 * On a hypervisor with hundreds of VMs a call reads a thousand files, and time counts for more than
 * twenty megabytes: with the JIT it takes two thirds of the CPU.
 */
export const hostAgentNodeFlags: readonly string[] = [
  '--single-threaded',
  '--v8-pool-size=0',
  '--max-semi-space-size=4',
];

/** The command line of `npm run bench`. */

export interface BenchOptions {
  /** In the order of the table of parts. */
  readonly parts: readonly string[];
  readonly runs: number;
  readonly quick: boolean;
  /** Put the tables into docs/bench.md. */
  readonly write: boolean;
  readonly jsonPath: string | undefined;
}

export type ParsedArguments =
  | { readonly ok: true; readonly options: BenchOptions }
  | { readonly ok: false; readonly reason: string };

const DEFAULT_RUNS = 3;
/** More would take hours; who wants that can start it twice. */
const MAX_RUNS = 50;

const refuse = (reason: string): ParsedArguments => ({ ok: false, reason });

/** `--runs=3` is `--runs 3`. */
const splitFlags = (args: readonly string[]): string[] =>
  args.flatMap((arg) => {
    const [, flag, value] = /^(--[^=]+)=(.*)$/su.exec(arg) ?? [];
    return flag === undefined || value === undefined ? [arg] : [flag, value];
  });

export const parseArguments = (
  args: readonly string[],
  known: readonly string[],
): ParsedArguments => {
  const wanted = new Set<string>();
  let runs: number | undefined;
  let quick = false;
  let write = false;
  let jsonPath: string | undefined;

  const waiting = splitFlags(args);
  for (let arg = waiting.shift(); arg !== undefined; arg = waiting.shift()) {
    if (arg === '--quick') quick = true;
    else if (arg === '--write') write = true;
    else if (arg === '--runs') {
      const value = waiting.shift() ?? '';
      runs = /^\d{1,4}$/u.test(value) ? Number(value) : 0;
      if (runs < 1 || runs > MAX_RUNS) {
        return refuse(`--runs needs a number from 1 to ${MAX_RUNS}, not "${value}"`);
      }
    } else if (arg === '--json') {
      jsonPath = waiting.shift() ?? '';
      if (jsonPath === '') return refuse('--json needs the name of a file');
    } else if (arg.startsWith('-')) {
      return refuse(`unknown flag "${arg}"; there are --quick, --runs N, --json FILE and --write`);
    } else if (known.includes(arg)) wanted.add(arg);
    else return refuse(`there is no part "${arg}"; the parts are: ${known.join(', ')}`);
  }
  if (quick && write) {
    return refuse('--quick is for trying: its figures are not written to docs/bench.md');
  }
  const parts = known.filter((name) => wanted.size === 0 || wanted.has(name));
  const options = { parts, runs: runs ?? (quick ? 1 : DEFAULT_RUNS), quick, write, jsonPath };
  return { ok: true, options };
};

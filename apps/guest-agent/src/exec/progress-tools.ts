/** What well-known tools print on their way, as rules for progress. */

export interface ToolRule {
  readonly pattern: string;
  /** Undefined: only a total for the phases in `totalOf`. */
  readonly phase?: string;
  /** `step`: each such line is one more done. `total`: one more to do. */
  readonly each?: 'step' | 'total';
  /** What a `{m}` of this line is the total of. */
  readonly totalOf?: readonly string[];
  /** Fixed numbers, for tools that have a known row of stages. */
  readonly done?: number;
  readonly total?: number;
}

interface Tool {
  /** The tool counts as used where a command or script has one of these words. */
  readonly words: readonly string[];
  readonly rules: readonly ToolRule[];
}

const APT: Tool = {
  words: ['apt', 'apt-get', 'aptitude', 'dpkg'],
  rules: [
    { pattern: 'Reading package lists', phase: 'Reading package lists' },
    { pattern: 'Building dependency tree', phase: 'Resolving' },
    { pattern: ' upgraded, {m} newly installed', totalOf: ['Unpacking', 'Setting up'] },
    { pattern: '{m} upgraded, ', totalOf: ['Unpacking', 'Setting up'] },
    { pattern: 'Get:{n} ', phase: 'Downloading' },
    { pattern: 'Hit:{n} ', phase: 'Downloading' },
    { pattern: 'Unpacking ', phase: 'Unpacking', each: 'step' },
    { pattern: 'Setting up ', phase: 'Setting up', each: 'step' },
    { pattern: 'Processing triggers for ', phase: 'Processing triggers' },
  ],
};

/** dnf 4 and yum write `Installing : name 3/12`, dnf 5 `[ 3/12] Installing name`. */
const DNF: Tool = {
  words: ['dnf', 'dnf5', 'yum', 'microdnf'],
  rules: [
    { pattern: 'Dependencies resolved', phase: 'Resolving' },
    { pattern: '({n}/{m}): ', phase: 'Downloading' },
    { pattern: '[{n}/{m}] Installing ', phase: 'Installing' },
    { pattern: '[{n}/{m}] Upgrading ', phase: 'Upgrading' },
    { pattern: '[{n}/{m}] Removing ', phase: 'Removing' },
    { pattern: '[{n}/{m}] Verify ', phase: 'Verifying' },
    { pattern: '[{n}/{m}] ', phase: 'Downloading' },
    { pattern: 'Installing {*}: {*} {n}/{m}', phase: 'Installing' },
    { pattern: 'Upgrading {*}: {*} {n}/{m}', phase: 'Upgrading' },
    { pattern: 'Cleanup {*}: {*} {n}/{m}', phase: 'Cleaning up' },
    { pattern: 'Erasing {*}: {*} {n}/{m}', phase: 'Removing' },
    { pattern: 'Verifying {*}: {*} {n}/{m}', phase: 'Verifying' },
  ],
};

const APK: Tool = {
  words: ['apk'],
  rules: [
    { pattern: 'fetch http', phase: 'Fetching' },
    { pattern: '({n}/{m}) Installing ', phase: 'Installing' },
    { pattern: '({n}/{m}) Upgrading ', phase: 'Upgrading' },
    { pattern: '({n}/{m}) Replacing ', phase: 'Upgrading' },
    { pattern: '({n}/{m}) Purging ', phase: 'Removing' },
  ],
};

const NIX: Tool = {
  words: ['nixos-rebuild', 'nix', 'nix-build', 'nix-env', 'home-manager', 'darwin-rebuild'],
  rules: [
    { pattern: 'these {m} derivations will be built', totalOf: ['Building'] },
    { pattern: 'these {m} paths will be fetched', totalOf: ['Fetching'] },
    { pattern: 'evaluating derivation', phase: 'Evaluation' },
    { pattern: "building '/nix/store/", phase: 'Building', each: 'step' },
    { pattern: "copying path '/nix/store/", phase: 'Fetching', each: 'step' },
    { pattern: 'activating the configuration', phase: 'Activation' },
    { pattern: 'switching to configuration', phase: 'Switch' },
  ],
};

const DOCKER: Tool = {
  words: ['docker', 'podman', 'docker-compose', 'nerdctl'],
  rules: [
    { pattern: ': Pulling fs layer', phase: 'Pulling', each: 'total' },
    { pattern: ': Pull complete', phase: 'Pulling', each: 'step' },
    { pattern: ': Extracting', phase: 'Pulling' },
    { pattern: 'Copying blob', phase: 'Pulling', each: 'step' },
    { pattern: 'Step {n}/{m} : ', phase: 'Building' },
    { pattern: 'STEP {n}/{m}: ', phase: 'Building' },
    { pattern: '[{n}/{m}] ', phase: 'Building' },
  ],
};

const CLOUD_INIT: Tool = {
  words: ['cloud-init', 'cloud-init-output.log', 'cloud-init.log'],
  rules: [
    { pattern: "running 'init-local'", phase: 'init-local', done: 1, total: 4 },
    { pattern: "running 'init'", phase: 'init', done: 2, total: 4 },
    { pattern: "running 'modules:config'", phase: 'modules:config', done: 3, total: 4 },
    { pattern: "running 'modules:final'", phase: 'modules:final', done: 4, total: 4 },
  ],
};

const TOOLS: readonly Tool[] = [APT, DNF, APK, NIX, DOCKER, CLOUD_INIT];

/** Enough of a script to see what it uses. */
const MAX_COMMAND_CHARACTERS = 64 * 1024;

/** Only the rules of tools that the command names: other programs print such words as well. */
export const rulesFor = (command: string): readonly ToolRule[] => {
  const words = new Set(command.slice(0, MAX_COMMAND_CHARACTERS).split(/[^\w.-]+/u));
  return TOOLS.filter((tool) => tool.words.some((word) => words.has(word))).flatMap(
    ({ rules }) => rules,
  );
};

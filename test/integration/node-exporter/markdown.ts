/** docs/node-exporter.md, from the same tables by which the test compares. */
import {
  ADDED_FAMILIES,
  DIFFERENT_VALUES,
  MISSING_COLLECTORS,
  MISSING_FAMILIES,
  MISSING_LABELS,
  type Difference,
} from './differences.ts';
import { FAMILIES, type FamilyRow, type ValueRule } from './families.ts';

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

const describeSlack = (slack: number): string => {
  if (slack >= 1024 * 1024) return `${slack / (1024 * 1024)} MiB`;
  return slack >= 1024 ? `${slack / 1024} KiB` : String(slack);
};

const describeValue = (rule: ValueRule): string => {
  switch (rule.kind) {
    case 'constant':
      return 'equal';
    case 'counter':
      return rule.slack === undefined
        ? 'counter: in order'
        : `counter: in order, give or take ${rule.slack}: ${rule.because}`;
    case 'gauge':
      return `gauge: within ${describeSlack(rule.slack)}: ${rule.because}`;
    case 'own':
      return `not compared: ${rule.because}`;
    default: {
      const never: never = rule;
      return never;
    }
  }
};

const describeRow = ({ collector, families, value, fleeting, onlyWith }: FamilyRow): string[] => [
  collector ?? '',
  code(families),
  describeValue(value),
  [fleeting, onlyWith === undefined ? undefined : `needs ${onlyWith}`]
    .filter((note) => note !== undefined)
    .join('; '),
];

const explained = (what: string, differences: readonly Difference[]): string =>
  table(
    [what, 'why'],
    differences.map(({ names, because }) => [code(names), because]),
  );

const order = ({ collector }: FamilyRow): string => collector ?? '~';

const byCollector = (rows: readonly FamilyRow[]): FamilyRow[] =>
  [...rows].sort((left, right) =>
    order(left) < order(right) ? -1 : Number(order(left) > order(right)),
  );

export const makeMarkdown = (): string =>
  `# The metrics that node_exporter has too

<!-- Written by \`npm test -- -u\` from the tables in test/integration/node-exporter. -->

\`/metrics\` uses the names, types, labels and units of
[node_exporter](https://github.com/prometheus/node_exporter), so its dashboards and alert rules work
unchanged. A test proves it on the machine it runs on: it starts the agent and the node_exporter of
Debian beside one another and asks the agent, node_exporter, and the agent again. Every family of the
agent that is called \`node_*\` or \`process_*\` must be in the first table and must have the same type,
the same label names and the same label sets in both; a counter of the agent must never fall, that of
node_exporter must lie between the two of the agent, and a gauge, in one of five rounds at least,
within what the table says. Anything else fails the test.

node_exporter runs with the defaults of its authors (Debian hides \`lo\` and what is mounted below
\`/run\`, \`/mnt\` and \`/media\`) and with \`--collector.processes\`.

## The same in both

${table(['collector', 'families', 'compared', 'note'], byCollector(FAMILIES).map(describeRow))}
A mount point that something else is mounted over is shown once, with what is on top; node_exporter
shows what lies below it too, with the numbers of what is on top.

## Families that the agent does not have

Of the collectors above:

${explained('families', MISSING_FAMILIES)}
## Labels that the agent does not have

${table(
  ['families', 'label', 'why'],
  MISSING_LABELS.map(({ names, label, because }) => [code(names), code([label]), because]),
)}
## Values that differ

${table(
  ['series', 'why'],
  DIFFERENT_VALUES.map(({ names, series, because }) => [
    code([`${names.join()}${series}`]),
    because,
  ]),
)}
## Collectors that the agent does not have

Of those that node_exporter switches on by itself:

${explained('collectors', MISSING_COLLECTORS)}
## Families that the agent has in addition

Besides its own, which are called \`guest_agent_*\`:

${explained('families', ADDED_FAMILIES)}`;

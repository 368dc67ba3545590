/** The heads of the columns: each a button that sorts. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { sortChange, type FleetQuery, type Sort } from './fleet-query.ts';

const COLUMNS: readonly { readonly name: string; readonly sort?: Sort; readonly class: string }[] =
  [
    { name: 'State', sort: 'attention', class: 'col-state' },
    { name: 'Name', sort: 'name', class: 'col-name' },
    { name: 'Host', class: 'col-host' },
    { name: 'Source', class: 'col-source' },
    { name: 'Agent', class: 'col-agent' },
    { name: 'CPU', sort: 'cpu', class: 'col-cpu numeric' },
    { name: '', class: 'col-spark' },
    { name: 'Memory', sort: 'memory', class: 'col-memory numeric' },
    { name: '', class: 'col-spark col-spark-memory' },
    { name: 'Net in', sort: 'rx', class: 'col-rx numeric' },
    { name: 'Net out', sort: 'tx', class: 'col-tx numeric' },
    { name: 'Disk', sort: 'disk', class: 'col-disk numeric' },
    { name: 'Uptime', sort: 'uptime', class: 'col-uptime numeric' },
  ];

export const FleetHead = ({ query }: { readonly query: FleetQuery }): JSX.Element => {
  const { navigation } = useApp();
  const direction = query.descending ? 'descending' : 'ascending';
  return (
    <div role="rowgroup">
      <div class="fleet-line fleet-head" role="row" aria-rowindex={1}>
        {COLUMNS.map(({ name, sort, class: column }, index) => (
          <div
            key={index}
            role="columnheader"
            class={column}
            aria-sort={sort !== undefined && sort === query.sort ? direction : undefined}
          >
            {sort === undefined ? (
              <span class={name === '' ? 'visually-hidden' : ''}>
                {name === '' ? 'Chart' : name}
              </span>
            ) : (
              <button
                type="button"
                class="button-bare"
                onClick={() => navigation.setQuery(sortChange(query, sort))}
              >
                <span class={sort === 'attention' ? 'visually-hidden' : ''}>{name}</span>
                {sort === query.sort && sort !== 'attention' ? (
                  <span aria-hidden="true">{query.descending ? '↓' : '↑'}</span>
                ) : null}
              </button>
            )}
          </div>
        ))}
      </div>
    </div>
  );
};

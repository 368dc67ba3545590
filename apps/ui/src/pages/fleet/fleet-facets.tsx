/** The rail's lower half on the fleet page: how many of each state and source, and saved views. */
import type { Origin, VmState } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { Icon } from '../../ui/icons.tsx';
import { StateMark, type Attention } from '../../ui/state-mark.tsx';
import { countVersions } from '../../updates/agent-versions.ts';
import { facetOf } from './fleet-lines.ts';
import { parseFleetQuery, toggled, type Facet, type FleetQuery } from './fleet-query.ts';

const FACETS: readonly {
  readonly facet: Facet;
  readonly name: string;
  readonly state: VmState;
  readonly attention?: Attention;
}[] = [
  { facet: 'critical', name: 'Critical', state: 'up', attention: 'critical' },
  { facet: 'warning', name: 'Warning', state: 'up', attention: 'warning' },
  { facet: 'stale', name: 'No data', state: 'stale' },
  { facet: 'degraded', name: 'Agent down', state: 'degraded' },
  { facet: 'up', name: 'Running', state: 'up' },
  { facet: 'down', name: 'Stopped', state: 'down' },
  { facet: 'unknown', name: 'Never seen', state: 'unknown' },
];

const SOURCES: readonly { readonly origin: Origin; readonly name: string }[] = [
  { origin: 'guest', name: 'Agent' },
  { origin: 'host', name: 'Host' },
  { origin: 'none', name: 'None' },
];

/** Of a fleet that is looked after there are two. */
const MOST_VERSIONS = 8;

const SavedViews = (): JSX.Element => {
  const { navigation, preferences } = useApp();
  const views = preferences.views.value;
  const query = navigation.place.value.query.toString();
  const save = (): void => {
    const name = window.prompt('Name of this view')?.trim().slice(0, 60);
    if (name === undefined || name === '') return;
    preferences.setViews([...views.filter((view) => view.name !== name), { name, query }]);
  };
  return (
    <>
      <h2>Saved views</h2>
      {views.map((view) => (
        <div class="saved-view" key={view.name}>
          <a
            class="rail-item"
            href={view.query === '' ? '/' : `/?${view.query}`}
            aria-current={view.query === query ? 'page' : undefined}
          >
            {view.name}
          </a>
          <button
            type="button"
            class="button-bare"
            aria-label={`Forget the view ${view.name}`}
            onClick={() => preferences.setViews(views.filter((other) => other !== view))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="rail-item" onClick={save}>
        <Icon name="bookmark" />
        Save this view
      </button>
    </>
  );
};

/** Where nobody has said a version there is nothing to choose. */
const Versions = ({ query }: { readonly query: FleetQuery }): JSX.Element | null => {
  const { fleet, navigation } = useApp();
  void fleet.membership.value;
  const versions = countVersions(fleet.all());
  if (versions.every(({ version }) => version === undefined)) return null;
  return (
    <>
      <h2>Agent version</h2>
      {versions.slice(0, MOST_VERSIONS).map(({ version = 'unknown', count }) => (
        <button
          type="button"
          key={version}
          class="rail-item"
          aria-pressed={query.agents.has(version)}
          onClick={() => navigation.setQuery({ agent: toggled(query.agents, version) })}
        >
          <span class="mono">{version}</span>
          <span class="rail-count">{count}</span>
        </button>
      ))}
    </>
  );
};

export const FleetFacets = (): JSX.Element => {
  const { fleet, navigation } = useApp();
  void fleet.tick.value;
  const query = parseFleetQuery(navigation.place.value.query);
  const byFacet = new Map<Facet, number>();
  const byOrigin = new Map<Origin, number>();
  for (const vm of fleet.all()) {
    const facet = facetOf(vm);
    const origin = vm.row?.origin ?? 'none';
    byFacet.set(facet, (byFacet.get(facet) ?? 0) + 1);
    byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + 1);
  }
  return (
    <>
      <h2>Status</h2>
      {FACETS.map(({ facet, name, state, attention }) => (
        <button
          type="button"
          key={facet}
          class="rail-item"
          aria-pressed={query.facets.has(facet)}
          onClick={() => navigation.setQuery({ state: toggled(query.facets, facet) })}
        >
          <StateMark state={state} attention={attention} />
          {name}
          <span class="rail-count">{byFacet.get(facet) ?? 0}</span>
        </button>
      ))}
      <h2>Source</h2>
      {SOURCES.map(({ origin, name }) => (
        <button
          type="button"
          key={origin}
          class="rail-item"
          aria-pressed={query.origins.has(origin)}
          onClick={() => navigation.setQuery({ source: toggled(query.origins, origin) })}
        >
          <span class={`chip chip-${origin}`}>{name}</span>
          <span class="rail-count">{byOrigin.get(origin) ?? 0}</span>
        </button>
      ))}
      <Versions query={query} />
      <SavedViews />
    </>
  );
};

/** The pages, and on the fleet its facets: by state, by source, and the views that were saved. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { FleetFacets } from '../pages/fleet/fleet-facets.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';

const PAGES: readonly { readonly href: string; readonly name: string; readonly icon: IconName }[] =
  [
    { href: '/', name: 'Fleet', icon: 'grid' },
    { href: '/hosts', name: 'Hosts', icon: 'server' },
    { href: '/logs', name: 'Logs', icon: 'lines' },
    { href: '/runs', name: 'Runs', icon: 'terminal' },
    { href: '/provisioning', name: 'Provisioning', icon: 'steps' },
    { href: '/updates', name: 'Agent updates', icon: 'upgrade' },
    { href: '/add', name: 'Add a VM', icon: 'plus' },
    { href: '/tokens', name: 'Tokens', icon: 'key' },
    { href: '/settings', name: 'Settings', icon: 'sliders' },
  ];

/** Pages that belong to one of them. */
const WITHIN: Readonly<Record<string, RegExp>> = {
  '/': /^\/vms\//u,
  '/runs': /^\/(?:runs\/|commands$)/u,
  '/updates': /^\/updates\//u,
};

const countText = (count: number | undefined): string | undefined =>
  count === undefined ? undefined : formatCount(count);

export const Rail = ({ open }: { readonly open: boolean }): JSX.Element => {
  const { navigation, fleet, hosts } = useApp();
  const { path } = navigation.place.value;
  const count = fleet.membership.value === 0 ? undefined : fleet.all().length;
  const counts: Readonly<Record<string, number | undefined>> = {
    '/': count,
    '/hosts': hosts.hosts.value?.length,
  };
  return (
    <nav class="rail" data-open={open} aria-label="Pages">
      <div class="rail-inner">
        {PAGES.map(({ href, name, icon }) => (
          <a
            key={href}
            class="rail-item"
            href={href}
            aria-current={path === href || WITHIN[href]?.test(path) === true ? 'page' : undefined}
          >
            <Icon name={icon} />
            {name}
            <span class="rail-count">{countText(counts[href])}</span>
          </a>
        ))}
        {path === '/' ? <FleetFacets /> : null}
      </div>
    </nav>
  );
};

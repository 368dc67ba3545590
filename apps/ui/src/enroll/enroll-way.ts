/** The ways to bring an agent into a VM; which one is looked at stands in the address. */

export const WAYS = [
  ['cloud-init', 'cloud-init'],
  ['command', 'One command'],
  ['script', 'Script'],
  ['hand', 'By hand'],
  ['offline', 'No network'],
] as const;

export type Way = (typeof WAYS)[number][0];

export const parseWay = (text: string | null): Way =>
  WAYS.find(([way]) => way === text)?.[0] ?? 'cloud-init';

/** The same place, with another way. */
export const wayHref = (
  place: { readonly path: string; readonly query: URLSearchParams },
  way: Way,
): string => {
  const query = new URLSearchParams(place.query);
  query.set('way', way);
  return `${place.path}?${query.toString()}`;
};

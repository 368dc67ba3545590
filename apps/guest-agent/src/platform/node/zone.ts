/**
 * The time zone's abbreviation. Intl knows it too, but loading its tables costs 8 MB, a sixth of the
 * whole agent; the compiled zone is one small file.
 */
import { readFileSync } from 'node:fs';
import { parseZoneAbbreviations } from '@innkeeper/procfs';
import type { ZoneAbbreviations } from '@innkeeper/procfs';

const ZONEINFO = '/usr/share/zoneinfo';
const LOCALTIME = '/etc/localtime';
/** What TZ may name: a zone below zoneinfo, and nothing above it. */
const ZONE_NAME = /^:?(?<name>[A-Za-z][\w+-]*(?:\/[A-Za-z][\w+-]*)*)$/u;

const readAbbreviations = (path: string): ZoneAbbreviations => {
  try {
    const parsed = parseZoneAbbreviations(readFileSync(path));
    return parsed.ok ? parsed.value : new Map();
  } catch {
    // No such file: the machine counts in UTC, or in a zone that it cannot name.
    return new Map();
  }
};

export const makeZoneName = (zone: string | undefined): ((offsetSeconds: number) => string) => {
  const name = ZONE_NAME.exec(zone ?? '')?.groups?.['name'];
  const abbreviations = readAbbreviations(name === undefined ? LOCALTIME : `${ZONEINFO}/${name}`);
  return (offsetSeconds) =>
    abbreviations.get(offsetSeconds) ?? (offsetSeconds === 0 ? 'UTC' : 'local');
};

/**
 * /run/udev/data/b<major>:<minor>: what udev knows about a block device.
 * The format is private to systemd (src/libsystemd/sd-device/device-private.c), but node_exporter
 * and others have read it for years. Only the properties, `E:KEY=value`, are taken.
 *
 * A device without properties is no error, and neither is an empty file.
 */

import { parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export function parseUdevData(text: string): Parsed<ReadonlyMap<string, string>> {
  const properties = new Map<string, string>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const equals = line.indexOf('=');
    if (equals > 2 && line.startsWith('E:')) {
      properties.set(line.slice(2, equals), line.slice(equals + 1));
    }
  }
  return parsed(properties);
}

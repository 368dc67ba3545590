/**
 * How far cloud-init has come: it writes status.json while it runs, and result.json at its end.
 * https://cloudinit.readthedocs.io/en/latest/howto/status.html
 */
import type { Info } from '@innkeeper/protocol';
import type { Files } from '../platform/platform.ts';

const STATUS = '/run/cloud-init/status.json';
const RESULT = '/run/cloud-init/result.json';
const MAX_ERRORS = 20;
const MAX_ERROR_CHARACTERS = 500;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The errors in `{"v1": {"errors": […]}}`; undefined where the file is something else. */
const errorsIn = (text: string): readonly string[] | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Half-written: cloud-init is at it this moment.
    return undefined;
  }
  const v1 = isObject(document) ? document['v1'] : undefined;
  const errors = isObject(v1) ? v1['errors'] : undefined;
  if (!Array.isArray(errors)) return undefined;
  return errors
    .filter((error) => typeof error === 'string')
    .slice(0, MAX_ERRORS)
    .map((error) => error.slice(0, MAX_ERROR_CHARACTERS));
};

export const readCloudInit = (files: Pick<Files, 'readText' | 'exists'>): Info['cloud_init'] => {
  const result = files.readText(RESULT);
  if (result.ok) {
    const errors = errorsIn(result.value) ?? [];
    return { status: errors.length === 0 ? 'done' : 'error', errors: [...errors] };
  }
  return { status: files.exists(STATUS) ? 'running' : null, errors: [] };
};

/**
 * The body of `POST /metrics/process-stats`, checked by hand: the agent carries no schema library.
 * `processStatsRequestSchema` says what is accepted, and the tests compare the two.
 */
import type { Locator, ProcessStatsRequest } from '@innkeeper/protocol';

export type ParsedRequest =
  | { readonly ok: true; readonly request: ProcessStatsRequest }
  | { readonly ok: false; readonly status: 400 | 422; readonly message: string };

type Check = (value: unknown) => boolean;

const MAX_LOCATORS = 8192;
const MAX_PATH_CHARACTERS = 4096;
const MAX_TAPS = 64;
const VM_ID = /^[\w.-]{1,128}$/u;

const isText =
  (shortest: number, longest: number): Check =>
  (value) =>
    typeof value === 'string' && value.length >= shortest && value.length <= longest;

const isPath = isText(0, MAX_PATH_CHARACTERS);
const isTap = isText(1, 15);
const aPath = `a path of at most ${MAX_PATH_CHARACTERS} characters`;

const FIELDS = {
  vm_id: {
    check: (value) => typeof value === 'string' && VM_ID.test(value),
    accepts: 'the id of a VM: letters, digits, - _ and .',
  },
  pid: {
    check: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0,
    accepts: 'a whole number above 0',
  },
  pidfile: { check: isPath, accepts: aPath },
  api_socket: { check: isPath, accepts: aPath },
  metrics_fifo: { check: isPath, accepts: aPath },
  qmp_socket: { check: isPath, accepts: aPath },
  taps: {
    check: (value) => Array.isArray(value) && value.length <= MAX_TAPS && value.every(isTap),
    accepts: `a list of at most ${MAX_TAPS} names of 1 to 15 characters`,
  },
} satisfies Record<keyof Locator, { readonly check: Check; readonly accepts: string }>;

const NAMES = Object.entries(FIELDS);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with a locator, if anything. */
const problemOf = (value: unknown, place: string): string | undefined => {
  if (!isRecord(value)) return `${place} must be an object`;
  const wrong = NAMES.find(([name, { check }]) => {
    const isMissing = value[name] === undefined && name !== 'vm_id';
    return !isMissing && !check(value[name]);
  });
  return wrong === undefined ? undefined : `${place}.${wrong[0]} must be ${wrong[1].accepts}`;
};

const isLocator = (value: unknown): value is Locator => problemOf(value, '') === undefined;

const parseDocument = (document: unknown): ProcessStatsRequest | string => {
  if (!isRecord(document)) return 'the body must be an object with vms';
  const { vms, pss } = document;
  if (pss !== undefined && typeof pss !== 'boolean') return 'pss must be true or false';
  if (!Array.isArray(vms)) return 'vms must be a list of locators';
  if (vms.length > MAX_LOCATORS) return `vms must have at most ${MAX_LOCATORS} entries`;
  const list: readonly unknown[] = vms;
  const locators: Locator[] = [];
  for (let index = 0; index < list.length; index += 1) {
    const value = list[index];
    if (!isLocator(value)) return problemOf(value, `vms[${index}]`) ?? 'vms must be a list';
    locators.push(value);
  }
  return pss === undefined ? { vms: locators } : { vms: locators, pss };
};

export const parseRequest = (body: string): ParsedRequest => {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : 'malformed';
    return { ok: false, status: 400, message: `the body is not valid JSON: ${why}` };
  }
  const request = parseDocument(document);
  return typeof request === 'string'
    ? { ok: false, status: 422, message: request }
    : { ok: true, request };
};

/** How raw values of settings are read: each maker says by undefined that it does not take one. */
import { isPathComponent } from '../host/paths/path-components.ts';

/** Each maker takes the raw value of a flag, a variable or the file. */
export type Maker<Value> = (raw: unknown) => Value | undefined;

export interface Setting<Value> {
  readonly make: Maker<Value>;
  /** Completes the sentence "must be …". */
  readonly accepts: string;
  /** One line for --help. */
  readonly help: string;
  readonly placeholder: string;
}

export const text: Maker<string> = (raw) =>
  typeof raw === 'string' && raw !== '' ? raw : undefined;

export const absolutePath: Maker<string> = (raw) => {
  const path = text(raw);
  if (path?.startsWith('/') !== true) return undefined;
  return path === '/' ? path : path.replace(/\/+$/u, '');
};

export const MAX_PATHS = 64;

/** `/run//x` and `/run/../etc` are refused rather than understood: nobody means them. */
const plainPath: Maker<string> = (raw) => {
  const path = absolutePath(raw);
  if (path === undefined || path === '/') return path;
  return path.split('/').slice(1).every(isPathComponent) ? path : undefined;
};

export const plainPaths: Maker<readonly string[]> = (raw) => {
  const values: unknown = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(values) || values.length === 0) return undefined;
  const paths = values.flatMap((value) => plainPath(value) ?? []);
  const complete = paths.length === values.length && paths.length <= MAX_PATHS;
  return complete ? [...new Set(paths)] : undefined;
};

export const onOrOff: Maker<boolean> = (raw) => {
  if (raw === 'on' || raw === true) return true;
  return raw === 'off' || raw === false ? false : undefined;
};

export const autoOrOff: Maker<boolean> = (raw) => {
  if (raw === 'auto') return true;
  return raw === 'off' || raw === false ? false : undefined;
};

export const wholeNumber =
  (min: number, max: number): Maker<number> =>
  (raw) => {
    const value = typeof raw === 'string' && /^\d{1,15}$/u.test(raw) ? Number(raw) : raw;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined;
    return value >= min && value <= max ? value : undefined;
  };

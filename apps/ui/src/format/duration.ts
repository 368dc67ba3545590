/** Durations and ages in words of two units: `54d 11h`, `3m 20s`, `0.4 s`. */

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

export const formatDuration = (seconds: number | null): string => {
  if (seconds === null) return '–';
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first === -1) return '0s';
  const [name, size] = UNITS[first] ?? ['s', 1];
  const next = UNITS[first + 1];
  const rest = whole % size;
  const head = `${Math.floor(whole / size)}${name}`;
  if (next === undefined || rest < next[1]) return head;
  return `${head} ${Math.floor(rest / next[1])}${next[0]}`;
};

/** `0.4 s ago` where it ticks, `3m ago` where it does not. */
export const formatAge = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s ago`;
  return `${formatDuration(seconds)} ago`;
};

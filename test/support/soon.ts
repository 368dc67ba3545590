/**
 * For `expect.poll`: what a page shows after an action comes when it comes. A single look right after
 * the action is a race.
 */
export const SOON = { timeout: 10_000, interval: 20 } as const;

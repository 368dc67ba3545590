/** Major versions of Postgres that the manager is tested with. */
export const OLDEST_MAJOR = 14;
export const NEWEST_MAJOR = 18;

/** Numbers of the advisory locks by which several managers on one Postgres keep out of each other's way. */

/** "INNK" in ASCII: the first half of each lock of ours. */
export const LOCK_CLASS = 0x49_4e_4e_4b;
export const PARTITIONS_LOCK = 1;
/** One for each tier, in the order of ROLLED_TIERS. */
export const ROLL_UP_LOCK = 10;

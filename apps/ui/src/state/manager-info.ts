/** What `GET /v1/manager` tells: what this manager is and how it is set. */

export const TIERS = ['raw', '10s', '1m', '15m', '1h'] as const;
export type Tier = (typeof TIERS)[number];

export interface ManagerInfo {
  readonly version: string;
  readonly started_at: number;
  readonly pull_interval_ms: number;
  readonly keep_ms: Readonly<Record<Tier, number>>;
  readonly guest_networks: readonly string[];
  readonly public_url: string | null;
  readonly public_keys: readonly string[];
  readonly database: {
    readonly embedded: boolean;
    readonly version: string;
  };
}

export const MANAGER_PATH = '/v1/manager';

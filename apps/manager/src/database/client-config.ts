/** What every connection has in common, of the pool and of the migrations. */
import type { ClientConfig } from 'pg';
import type { DatabaseAddress } from './connection.ts';

const APPLICATION = 'innkeeper';

export const clientConfig = (address: DatabaseAddress): ClientConfig => {
  const common = { fallback_application_name: APPLICATION, keepAlive: true };
  if (address.url !== undefined) return { ...common, connectionString: address.url };
  const { host, port, database, user } = address.connection;
  // PGSSLMODE may be set, for other servers; a unix socket has no TLS.
  return { ...common, host, port, database, user, ssl: false };
};

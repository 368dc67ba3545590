/** The columns of a host, in the types that `host-row.ts` expects. */
export const HOST_COLUMNS = `id, name, host(address) AS address, agent_port, agent_id, labels,
  tls_pin, is_local,
  floor(extract(epoch FROM created_at) * 1000)::float8 AS created_at,
  floor(extract(epoch FROM updated_at) * 1000)::float8 AS updated_at`;

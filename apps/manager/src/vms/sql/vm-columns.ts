/**
 * The columns of a VM, in the types that `vm-row.ts` expects. Whole milliseconds as float8: int8
 * would come as text.
 */
export const VM_COLUMNS = `id, key, name, host(guest_ip) AS guest_ip, agent_port, agent_socket, host_id,
  vmm, labels,
  floor(extract(epoch FROM enrolled_at) * 1000)::float8 AS enrolled_at, tls_pin,
  is_local,
  floor(extract(epoch FROM created_at) * 1000)::float8 AS created_at,
  floor(extract(epoch FROM updated_at) * 1000)::float8 AS updated_at`;

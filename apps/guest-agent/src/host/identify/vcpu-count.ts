/** How many vCPUs a command line or a config file gives. */

const MAX_VCPUS = 4096;

export const parseVcpuCount = (value: unknown): number | undefined => {
  const count = typeof value === 'string' && /^\d{1,6}$/u.test(value) ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count)) return undefined;
  return count >= 1 && count <= MAX_VCPUS ? count : undefined;
};

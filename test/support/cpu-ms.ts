/** What this process has used of the processors, as `main.ts` gives it to the manager. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

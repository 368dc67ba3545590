/** Leaves the first admin token where only the user of the manager can read it. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * A new file takes the place of what was there, so that neither its mode nor a link in its place
 * matters.
 */
export const writeAdminTokenFile = async (path: string, secret: string): Promise<void> => {
  const temporary = `${path}.${randomUUID()}`;
  try {
    // `wx` fails where there is something already; the mode holds from the first byte on.
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${secret}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

/** `state_dir`: what the agent must still know after a restart. Only its user may look into it. */
import type { Files, Folder, Outcome } from '../platform/platform.ts';

const MODE = 0o700;

/** Its parent has to be there already. */
export const enterOrMake = (parent: Folder, name: string): Outcome<Folder> => {
  const made = parent.makeFolder(name, MODE);
  if (made.ok) {
    const kept = parent.sync();
    if (!kept.ok) return kept;
  } else if (made.error.code !== 'EEXIST') return made;
  return parent.enter(name);
};

export const openStateFolder = (
  files: Pick<Files, 'openFolder'>,
  stateDir: string,
): Outcome<Folder> => {
  const there = files.openFolder(stateDir);
  if (there.ok) return there;
  const slash = stateDir.lastIndexOf('/');
  const parent = files.openFolder(stateDir.slice(0, slash) || '/');
  if (!parent.ok) return parent;
  const state = enterOrMake(parent.value, stateDir.slice(slash + 1));
  parent.value.close();
  return state;
};

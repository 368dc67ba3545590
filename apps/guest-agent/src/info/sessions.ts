/** Who is logged in, as systemd-logind records it: one file a session, with a line USER=name. */
import type { Files } from '../platform/platform.ts';

const SESSIONS = '/run/systemd/sessions';
const MAX_SESSIONS = 200;
const SESSION = /^[\w-]+$/u;

/** Names once each; undefined where there is no logind to ask. */
export const readSessions = (
  files: Pick<Files, 'list' | 'readText'>,
): readonly string[] | undefined => {
  const names = files.list(SESSIONS);
  if (!names.ok) return undefined;
  const users = new Set<string>();
  for (const name of names.value.slice(0, MAX_SESSIONS)) {
    const text = SESSION.test(name) ? files.readText(`${SESSIONS}/${name}`) : undefined;
    const user = text?.ok === true ? /^USER=(.{1,64})$/mu.exec(text.value)?.[1] : undefined;
    if (user !== undefined) users.add(user);
  }
  return [...users];
};

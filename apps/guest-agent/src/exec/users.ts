/** The users of the machine, as /etc/passwd has them. */
import type { Files } from '../platform/platform.ts';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

const ID = /^\d{1,10}$/u;

const parseUser = (line: string): User | undefined => {
  const [name = '', , uid = '', gid = '', , home = '', shell = '', ...rest] = line.split(':');
  if (name === '' || !ID.test(uid) || !ID.test(gid) || rest.length > 0) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home, shell };
};

/** By name, or by number where `wanted` is one. */
export const findUser = (files: Pick<Files, 'readText'>, wanted: string): User | undefined => {
  const text = files.readText('/etc/passwd', { long: true });
  if (!text.ok) return undefined;
  const users = text.value.split('\n').flatMap((line) => parseUser(line) ?? []);
  const isNumber = ID.test(wanted);
  return (
    users.find(({ name }) => name === wanted) ??
    (isNumber ? users.find(({ uid }) => uid === Number(wanted)) : undefined)
  );
};

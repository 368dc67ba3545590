/** What finds mistakes in shell scripts: https://www.shellcheck.net */
import { debianBinary } from './debian-package.ts';
import type { Obtained } from './obtained.ts';

export const obtainShellcheck = async (): Promise<Obtained> =>
  await debianBinary({ package: 'shellcheck', path: 'usr/bin/shellcheck' });

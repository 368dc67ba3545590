import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { findUser } from './users.ts';

const files = makeFakeFiles({
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\n# a comment\nbroken:x:1\n' +
    'deploy:x:1000:1001:,,,:/home/deploy:\n1000:x:77:77::/:/bin/sh\n\n',
});

describe('findUser', () => {
  it('finds a user by name or number', () => {
    expect(findUser(files, 'root')).toMatchObject({ uid: 0, gid: 0, home: '/root' });
    expect(findUser(files, '0')).toMatchObject({ name: 'root' });
    expect(findUser(files, 'deploy')).toEqual({
      name: 'deploy',
      uid: 1000,
      gid: 1001,
      home: '/home/deploy',
      shell: '',
    });
  });

  it('takes a name that looks like a number for a name first', () => {
    expect(findUser(files, '1000')).toMatchObject({ uid: 77 });
  });

  it.each(['nobody', 'broken', '#', '', '4294967295', 'Root'])('finds no %j', (wanted) => {
    expect(findUser(files, wanted)).toBeUndefined();
  });

  it('finds nobody where there is no such file', () => {
    expect(findUser(makeFakeFiles(), 'root')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { parsePidIo } from './pid-io.ts';
import { PID_IO } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parsePidIo', () => {
  it('reads the bytes of block devices', () => {
    expect(valueOf(parsePidIo(PID_IO))).toEqual({
      readBytes: 4096,
      writeBytes: 8192,
      cancelledWriteBytes: 512,
    });
  });

  it('does without the cancelled bytes', () => {
    expect(valueOf(parsePidIo('read_bytes: 1\nwrite_bytes: 2\n'))).toEqual({
      readBytes: 1,
      writeBytes: 2,
    });
  });

  it.each([
    'read_bytes: 1\n',
    'read_bytes: 1\ncancelled_write_bytes: 2\n',
    'read_bytes: x\nwrite_bytes: 2\n',
    'read_bytes: 1\nwrite_bytes: 2\ncancelled_write_bytes: x\n',
  ])('is malformed: %s', (text) => {
    expect(errorOf(parsePidIo(text)).problem).toBe('malformed');
  });
});

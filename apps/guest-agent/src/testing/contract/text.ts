/** What every platform's text codec must do. */
import { describe, expect, it } from 'vitest';
import type { TextCodec } from '../../platform/platform.ts';

export const testText = (text: TextCodec): void => {
  describe('text', () => {
    it.each([
      ['', []],
      ['abc', [97, 98, 99]],
      ['\0', [0]],
      ['é', [0xc3, 0xa9]],
      ['€', [0xe2, 0x82, 0xac]],
      ['😀', [0xf0, 0x9f, 0x98, 0x80]],
    ])('encodes and decodes %j as UTF-8', (decoded, encoded) => {
      expect([...text.encodeUtf8(decoded)]).toEqual(encoded);
      expect(text.utf8Length(decoded)).toBe(encoded.length);
      expect(text.decodeUtf8(Uint8Array.from(encoded))).toBe(decoded);
    });

    it.each([
      ['half of a pair', '\ud83d'],
      ['the other half', 'a\ude00b'],
    ])('encodes %s as U+FFFD, and counts it so', (_, broken) => {
      const encoded = text.encodeUtf8(broken);
      expect(text.utf8Length(broken)).toBe(encoded.length);
      expect(text.decodeUtf8(encoded)).toBe(broken.replace(/[\ud800-\udfff]/u, '\ufffd'));
    });

    it.each([
      ['a lone continuation', [0x61, 0x80, 0x62], 'a\ufffdb'],
      ['a byte that is never used', [0xff, 0x62], '\ufffdb'],
      ['a character that is cut off', [0x61, 0xe2, 0x82], 'a\ufffd'],
      ['a longer form than needed', [0xc0, 0xaf], '\ufffd\ufffd'],
    ])('decodes %s as U+FFFD', (_, bytes, decoded) => {
      expect(text.decodeUtf8(Uint8Array.from(bytes))).toBe(decoded);
    });

    it('decodes only what the view shows', () => {
      const memory = Uint8Array.from([120, 97, 98, 120]);
      expect(text.decodeUtf8(memory.subarray(1, 3))).toBe('ab');
      expect(text.decodeLatin1(memory.subarray(1, 3))).toBe('ab');
    });

    it('decodes each byte as one character where a byte must not become another', () => {
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const decoded = text.decodeLatin1(all);
      expect(Array.from(decoded, (character) => character.charCodeAt(0))).toEqual([...all]);
    });
  });
};

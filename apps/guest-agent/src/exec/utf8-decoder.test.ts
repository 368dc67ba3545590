import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { makeUtf8Decoder } from './utf8-decoder.ts';

const decode = (chunks: readonly Uint8Array[]): string => {
  const decoder = makeUtf8Decoder(nodeText);
  const texts = chunks.map((chunk) => {
    const memory = Uint8Array.from(chunk);
    const text = decoder.push(memory);
    // The platform uses its memory again.
    memory.fill(0x58);
    return text;
  });
  return texts.join('') + decoder.end();
};

const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const points = [...new Set(at.map((point) => point % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...points].map((from, index) => bytes.slice(from, points[index] ?? bytes.length));
};

describe('makeUtf8Decoder', () => {
  it('gives any text back, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat()), (text, at) => {
        expect(decode(cut(Buffer.from(text, 'utf8'), at))).toBe(text);
      }),
    );
  });

  it('never holds back more than three bytes, and ends whatever comes', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat()), (all, at) => {
        const whole = decode(cut(all, at));
        // Where broken bytes are cut there may be one mark more or less; the rest is the same.
        const without = (text: string): string => text.replaceAll('\uFFFD', '');
        expect(without(whole)).toBe(without(nodeText.decodeUtf8(all)));
      }),
    );
  });

  it('shows at once what is whole', () => {
    const decoder = makeUtf8Decoder(nodeText);
    expect(decoder.push(Uint8Array.of(0x61, 0xf0, 0x9f))).toBe('a');
    expect(decoder.push(Uint8Array.of(0x98))).toBe('');
    expect(decoder.push(Uint8Array.of(0x80, 0x62))).toBe('\u{1F600}b');
    expect(decoder.push(Uint8Array.of(0xc3))).toBe('');
    expect(decoder.end()).toBe('\uFFFD');
    expect(decoder.end()).toBe('');
  });
});

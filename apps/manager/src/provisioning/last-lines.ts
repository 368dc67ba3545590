/** The end of an output as people read it: what a terminal would show last, without its commands. */
import { stripVTControlCharacters } from 'node:util';
import { afterReturn } from '../runs/output-lines.ts';

const MAX_LINES = 20;
const MAX_CHARACTERS = 500;

export const lastLines = (output: Buffer): readonly string[] =>
  output
    .toString('utf8')
    .replace(/\n+$/u, '')
    .split('\n')
    .slice(-MAX_LINES)
    .map((line) =>
      stripVTControlCharacters(afterReturn(line))
        .replaceAll('\t', ' ')
        .slice(0, MAX_CHARACTERS)
        // Cs: the half of a pair that the cut may leave behind.
        .replaceAll(/[\p{Cc}\p{Cs}]/gu, ''),
    );

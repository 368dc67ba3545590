/**
 * The building blocks of what an agent sends. A guest is hostile until proven otherwise, so every
 * text and every list has a limit, and every number is finite. Unknown is null, never 0.
 */
import { z } from 'zod';

/** Counters and sizes: up to 2^64 - 1, beyond 2^53 rounded to the nearest double. */
export const countSchema = z.number().nonnegative();
export const percentSchema = z.number().min(0).max(100);
export const unixMsSchema = z.int().nonnegative();
export const nameSchema = z.string().max(256);
export const pathSchema = z.string().max(4096);
export const vmIdSchema = z.string().regex(/^[\w.-]{1,128}$/u);
export const bootIdSchema = z.string().max(64);

/** More of anything than this is not a machine that the agent can describe in one answer. */
export const MAX_LIST = 8192;

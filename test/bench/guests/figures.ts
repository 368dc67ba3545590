/** What is said between the benchmark and its process in the network of the guests. */
import { z } from 'zod';

export const guestFiguresSchema = z.strictObject({
  memoryMib: z.int().positive(),
  /** What the guest's kernel calls its total. */
  totalKib: z.int().positive(),
  /** From the start of QEMU to the first reading that counts. */
  firstReadingSeconds: z.number().positive(),
  /** The same, of the guest's own clock: without the firmware and the kernel's first moments. */
  uptimeSeconds: z.number().positive(),
  residentKib: z.int().positive(),
  anonymousKib: z.int().positive(),
  peakKib: z.int().positive(),
});

export type GuestFigures = z.infer<typeof guestFiguresSchema>;

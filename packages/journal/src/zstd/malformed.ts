/** Thrown inside of the decoders for data that is not what it says, and caught at their entrance. */
export class Malformed extends Error {}

export const malformed = (what: string): never => {
  throw new Malformed(what);
};

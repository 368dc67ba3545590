/** Percentages in JSON: three decimals, which is finer than any of them is measured. */
export const percent = (value: number): number => Math.round(value * 1000) / 1000;

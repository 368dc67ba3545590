/** The wire between agents, manager and browser: schemas first, types inferred from them. */
export { errorBodySchema, type ErrorBody } from './error-body.ts';
export { healthSchema, type Health } from './health.ts';
export { infoSchema, type Info } from './info.ts';
export {
  processEntrySchema,
  processListSchema,
  processOrderSchema,
  type ProcessEntry,
  type ProcessList,
  type ProcessOrder,
} from './process-entry.ts';
export {
  locatorSchema,
  partProblemSchema,
  processStatsRequestSchema,
  processStatsSchema,
  vmmKindSchema,
  vmmProcessSchema,
  type Locator,
  type MissingPart,
  type PartProblem,
  type ProcessStats,
  type ProcessStatsRequest,
  type VmmKind,
  type VmmProcess,
} from './process-stats.ts';
export { sampleSchema, type CpuSeconds, type Sample } from './sample.ts';

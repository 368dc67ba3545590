/** The wire between agents, manager and browser: schemas first, types inferred from them. */
export { errorBodySchema, type ErrorBody } from './error-body.ts';
export {
  execEventSchemas,
  executionListSchema,
  executionResultSchema,
  executionSchema,
  execRequestSchema,
  progressPatternSchema,
  progressSchema,
  provisionListSchema,
  provisionScriptSchema,
  type ExecEventData,
  type ExecEventName,
  type ExecRequest,
  type Execution,
  type ExecutionList,
  type ExecutionResult,
  type Progress,
  type ProgressPattern,
  type ProvisionList,
  type ProvisionScript,
} from './exec.ts';
export {
  fileEntrySchema,
  fileListSchema,
  fileWrittenSchema,
  powerRequestSchema,
  powerSchema,
  type FileEntry,
  type FileList,
  type FileWritten,
  type PowerAnswer,
} from './files.ts';
export { healthSchema, type Health } from './health.ts';
export { infoSchema, type Info } from './info.ts';
export { logTrailerSchema, type LogTrailer } from './log-download.ts';
export {
  logDroppedSchema,
  logEndSchema,
  logEventSchema,
  logLevelSchema,
  type LogDropped,
  type LogEnd,
  type LogEvent,
  type LogLevel,
} from './log-event.ts';
export {
  logEntrySchema,
  logFilterSchema,
  logHistorySchema,
  logLineSchema,
  logLinesSchema,
  logMarkSchema,
  logPositionSchema,
  logSourceSchema,
  logStateSchema,
  logStreamSchema,
  logSubscriptionSchema,
  type LogEntry,
  type LogFilter,
  type LogHistory,
  type LogLine,
  type LogLines,
  type LogMark,
  type LogPosition,
  type LogSource,
  type LogState,
  type LogStreamName,
  type LogSubscription,
} from './log-feed.ts';
export {
  keptLevelSchema,
  keptLogSchema,
  logHistogramSchema,
  logPageSchema,
  logPoliciesSchema,
  logPolicySchema,
  logSearchSchema,
  MAX_LOG_POLICIES,
  type KeptLevel,
  type KeptLog,
  type LogHistogram,
  type LogPage,
  type LogPolicies,
  type LogPolicy,
  type LogSearch,
} from './log-search.ts';
export {
  processEntrySchema,
  processListSchema,
  processOrderSchema,
  type ProcessEntry,
  type ProcessList,
  type ProcessOrder,
} from './process-entry.ts';
export {
  pastProcessSchema,
  processSnapshotSchema,
  type PastProcess,
  type ProcessSnapshot,
} from './process-snapshot.ts';
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
export {
  rpcErrorSchema,
  rpcResponseSchema,
  rpcResultSchemas,
  type RpcErrorCode,
  type RpcMethod,
  type RpcResults,
} from './rpc.ts';
export { sampleSchema, type CpuSeconds, type Sample } from './sample.ts';
export {
  auditEntrySchema,
  createdTokenSchema,
  roleSchema,
  sessionSchema,
  signInSchema,
  tokenCreateSchema,
  tokenSchema,
  type AuditEntry,
  type Role,
  type Session,
  type Token,
  type TokenCreate,
} from './access.ts';
export {
  acknowledgementSchema,
  fleetMemberSchema,
  fleetMembersSchema,
  vmSubscriptionSchema,
  type Acknowledge,
  type Acknowledgement,
  type ClientToServer,
  type FleetMember,
  type FleetMembers,
  type ServerToClient,
} from './events.ts';
export { nameSchema, unixMsSchema, vmIdSchema } from './fields.ts';
export {
  decodeFleetFrame,
  encodeFleetFrame,
  type DecodedFleetFrame,
  type FleetFrame,
  type FleetRow,
} from './fleet-frame.ts';
export {
  historySchema,
  MAX_HISTORY_POINTS,
  tierSchema,
  type History,
  type Tier,
} from './history.ts';
export {
  adoptSchema,
  foundVmmSchema,
  hostCreateSchema,
  hostPatchSchema,
  hostSchema,
  hostStatusSchema,
  type FoundVmm,
  type Host,
  type HostCreate,
  type HostPatch,
  type HostStatus,
} from './host.ts';
export {
  labelKeySchema,
  labelsSchema,
  labelValueSchema,
  MAX_LABELS,
  type Labels,
} from './labels.ts';
export { METRIC_FIELDS, metricFieldSchema, type MetricField } from './metric-fields.ts';
export { MAX_PAGE, pageOf } from './page.ts';
export { pullFailureKindSchema, type PullFailureKind } from './pull-failure.ts';
export {
  hostViewSchema,
  missingReasonSchema,
  originSchema,
  partOriginSchema,
  partSchema,
  readingSchema,
  vmmStateSchema,
  vmStateSchema,
  type HostView,
  type MissingReason,
  type Origin,
  type Part,
  type PartOrigin,
  type Reading,
  type VmmState,
  type VmState,
} from './reading.ts';
export { fleetRecentSchema, type FleetRecent } from './recent.ts';
export { packRecent, RECENT_UNKNOWN, unpackRecent } from './recent-values.ts';
export {
  guestIpBodySchema,
  guestIpSchema,
  portSchema,
  vmCreateSchema,
  vmEventKindSchema,
  vmEventSchema,
  vmLatestSchema,
  vmmSchema,
  vmNameSchema,
  vmPatchSchema,
  vmSchema,
  vmSortSchema,
  type Vm,
  type VmCreate,
  type VmEvent,
  type VmEventKind,
  type Vmm,
  type VmPatch,
  type VmSort,
} from './vm.ts';

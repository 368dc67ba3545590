/**
 * Enrolment: how an agent and its manager come to know each other, and what the agent tells later.
 * What is signed travels as text, so that nobody has to agree on how JSON is written.
 */
import { z } from 'zod';
import { bootIdSchema, nameSchema, unixMsSchema, vmIdSchema } from './fields.ts';
import { portSchema } from './vm.ts';

/** 32 bytes in base64url: keys, hashes, nonces. */
const bytes32Schema = z.string().regex(/^[\w-]{43}$/u);
const MAX_MESSAGE = 16_384;

/**
 * What stands before a message when it is signed, so that a signature for one purpose never serves
 * another: a token of the manager has no space in it.
 */
export const SIGNED_AS = {
  /** By the agent's key; the proof is made of the same. */
  enroll: 'innkeeper enroll 1\n',
  /** By the agent's key. */
  address: 'innkeeper address 1\n',
  /** By a key of the manager. */
  answer: 'innkeeper answer 1\n',
} as const;

export const signedMessageSchema = z.strictObject({
  /** JSON. */
  message: z.string().min(2).max(MAX_MESSAGE),
  /** Ed25519 over the purpose and the message. */
  signature: z.string().regex(/^[\w-]{86}$/u),
});
export type SignedMessage = z.infer<typeof signedMessageSchema>;

/** `POST /v1/enroll`. */
export const enrollRequestSchema = signedMessageSchema.extend({
  /** HMAC-SHA256 over the purpose and the message, with the SHA-256 of the token: it never travels. */
  proof: bytes32Schema,
});

const enrollmentTokenIdSchema = z.string().regex(/^[\w-]{12}$/u);
/** `ie_`, the id, and 256 random bits. */
const enrollmentTokenSchema = z.string().regex(/^ie_[\w-]{12}_[\w-]{43}$/u);

/** What an agent says of its machine each time. */
export const agentFactsSchema = z.object({
  boot_id: bootIdSchema.min(1).nullable(),
  /** Of /etc/machine-id, which a copied disk has as well. */
  machine_id_hash: bytes32Schema.nullable(),
  /** Of the UUID that the firmware tells the superuser: each VM has its own. */
  firmware_id_hash: bytes32Schema.nullable(),
  hostname: nameSchema.nullable(),
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).max(64),
  /** Null: it does not listen on TCP. */
  agent_port: portSchema.nullable(),
  version: z.string().max(64),
  build: z.enum(['node', 'native']),
  architecture: z.string().max(32),
  /**
   * SHA-256 of the SubjectPublicKeyInfo of the key with which it encrypts; null: it does not. Left
   * out by agents that are older than this.
   */
  tls_pin: bytes32Schema.nullable().default(null),
  /** Self-signed, in DER and base64url: for other clients than the manager. */
  tls_certificate: z
    .string()
    .regex(/^[\w-]{1,1366}$/u)
    .nullable()
    .default(null),
});
export type AgentFacts = z.infer<typeof agentFactsSchema>;

/** Of the manager, as the agent knows them before the answer. */
const knownKeysSchema = z.array(bytes32Schema).max(4);

export const enrollMessageSchema = agentFactsSchema.extend({
  vm_id: vmIdSchema,
  token_id: enrollmentTokenIdSchema,
  nonce: bytes32Schema,
  public_key: bytes32Schema,
  counter: z.int().nonnegative(),
  manager_keys: knownKeysSchema,
});
export type EnrollMessage = z.infer<typeof enrollMessageSchema>;

/** `POST /v1/agents/:vm_id/address`. */
export const addressMessageSchema = agentFactsSchema.extend({
  vm_id: vmIdSchema,
  nonce: bytes32Schema,
  /** Above that of the message before, or with a challenge of the manager. */
  counter: z.int().nonnegative(),
  challenge: bytes32Schema.nullable(),
  manager_keys: knownKeysSchema,
});
export type AddressMessage = z.infer<typeof addressMessageSchema>;

const managerKeysSchema = z.array(bytes32Schema).min(1).max(2);

const addressProblemSchema = z
  .object({ code: z.string().max(64), message: z.string().max(2000) })
  .nullable();

/** In the answer's message. */
export const registeredSchema = z.object({
  result: z.literal('registered'),
  /** The one of the question: nobody can play an old answer again. */
  nonce: bytes32Schema,
  vm_id: vmIdSchema,
  guest_ip: z.string().max(45).nullable(),
  /** Why no address of the agent was registered. */
  address_problem: addressProblemSchema,
  /** Which keys sign from now on. */
  manager_keys: managerKeysSchema,
  /** By which the manager knows the agent from now on: it asks over TLS, and nothing else. */
  tls_pin: bytes32Schema.nullable(),
});
export type Registered = z.infer<typeof registeredSchema>;

export const behindSchema = z.object({
  result: z.literal('behind'),
  nonce: bytes32Schema,
  vm_id: vmIdSchema,
  /** The last that was taken; the next message is to have a higher one, and the challenge. */
  counter: z.int().nonnegative(),
  challenge: bytes32Schema,
});
export type Behind = z.infer<typeof behindSchema>;

export const addressAnswerSchema = z.discriminatedUnion('result', [registeredSchema, behindSchema]);

/** `POST /v1/vms/:id/enrollment`. */
export const enrollmentCreatedSchema = z.object({
  vm_id: vmIdSchema,
  token: enrollmentTokenSchema,
  expires_at: unixMsSchema,
  manager_url: z.string(),
  manager_keys: managerKeysSchema,
  /** For the guest's shell. */
  command: z.string(),
});
export type EnrollmentCreated = z.infer<typeof enrollmentCreatedSchema>;

const enrollmentEventKindSchema = z.enum([
  'token_made',
  'agent_downloaded',
  'token_used',
  'enrolled',
  'first_reading',
]);

const seenAgentSchema = z.object({
  hostname: nameSchema.nullable(),
  addresses: z.array(z.string()),
  boot_id: z.string().nullable(),
  /** Where the message came from. */
  remote_address: z.string().nullable(),
  at: unixMsSchema,
});

/** `GET /v1/vms/:id/enrollment`, and the event `vm:enrollment`. */
export const enrollmentSchema = z.object({
  vm_id: vmIdSchema,
  /** `waiting`: there is a token that nobody has used yet. */
  state: z.enum(['none', 'waiting', 'enrolled']),
  /** Of the token that waits. */
  expires_at: unixMsSchema.nullable(),
  /** In the order of time, of the newest token. */
  events: z.array(z.object({ kind: enrollmentEventKindSchema, at: unixMsSchema })),
  agent: seenAgentSchema
    .extend({
      /** The first characters of the SHA-256 of its key. */
      fingerprint: z.string(),
      agent_port: portSchema.nullable(),
      version: z.string(),
      build: z.enum(['node', 'native']),
      architecture: z.string(),
      enrolled_at: unixMsSchema,
    })
    .nullable(),
  /** Another machine has the key of this agent. */
  clone: seenAgentSchema.nullable(),
  /** The last refusal of somebody who has the token or the key. */
  refusal: z
    .object({
      code: z.string(),
      message: z.string(),
      remote_address: z.string(),
      at: unixMsSchema,
    })
    .nullable(),
});
export type Enrollment = z.infer<typeof enrollmentSchema>;

const managerKeySchema = z.object({ public_key: bytes32Schema, fingerprint: z.string() });

/** `GET /v1/keys`: by which key agents know the manager, and by which one soon. */
export const managerKeyStateSchema = z.object({
  signing: managerKeySchema,
  /** Agents are told of it; it signs when all of them know it. */
  announced: managerKeySchema.nullable(),
  /** How many enrolled agents do not know the announced one, and some of them. */
  agents_behind: z.int().nonnegative(),
  behind: z.array(z.object({ vm_id: vmIdSchema, name: z.string() })),
});
export type ManagerKeyState = z.infer<typeof managerKeyStateSchema>;

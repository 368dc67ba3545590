/**
 * Of BearSSL a server of TLS 1.2 with ECDSA and ECDHE on P-256, AES-GCM and ChaCha20-Poly1305, and
 * what these need: of each algorithm what runs in constant time, by the processor's own instructions
 * where it has them.
 */
const FILES: Readonly<Record<string, readonly string[]>> = {
  codec: ['ccopy', 'dec32be', 'dec32le', 'dec64be', 'enc32be', 'enc32le', 'enc64be'],
  ec: [
    'ec_keygen',
    'ec_p256_m31',
    'ec_pubkey',
    'ec_secp256r1',
    'ec_secp384r1',
    'ec_secp521r1',
    'ecdsa_i31_bits',
    'ecdsa_i31_sign_asn1',
    'ecdsa_i31_sign_raw',
    'ecdsa_rta',
  ],
  hash: ['ghash_ctmul64', 'ghash_pclmul', 'multihash', 'sha2big', 'sha2small'],
  int: [
    'i31_add',
    'i31_bitlen',
    'i31_decmod',
    'i31_decode',
    'i31_encode',
    'i31_fmont',
    'i31_iszero',
    'i31_modpow',
    'i31_montmul',
    'i31_muladd',
    'i31_ninv31',
    'i31_rshift',
    'i31_sub',
    'i31_tmont',
    'i32_div32',
  ],
  mac: ['hmac'],
  rand: ['hmac_drbg'],
  ssl: [
    'prf',
    'prf_sha256',
    'prf_sha384',
    'ssl_engine',
    'ssl_hashes',
    'ssl_hs_server',
    'ssl_lru',
    'ssl_rec_chapol',
    'ssl_rec_gcm',
    'ssl_scert_single_ec',
    'ssl_server',
  ],
  symcipher: [
    'aes_ct64',
    'aes_ct64_ctr',
    'aes_ct64_enc',
    'aes_x86ni',
    'aes_x86ni_ctr',
    'chacha20_ct',
    'chacha20_sse2',
    'poly1305_ctmul',
    'poly1305_ctmulq',
  ],
};

export const BEARSSL = Object.entries(FILES).flatMap(([folder, names]) =>
  names.map((name) => `src/${folder}/${name}`),
);

/* Keys of P-256 by BearSSL, and who the agent is as a server of TLS. */
#include <string.h>
#include <bearssl.h>
#include <randombytes.h>
#include "native.h"
#include "tls.h"

enum { POINT_BYTES = 65, HASH_BYTES = 32, MOST_SIGNATURE_BYTES = 72 };

static JSClassID identity_class;

/* Asked by BearSSL of its own sysrng.c. */
static int seed(const br_prng_class **generator) {
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    (*generator)->update(generator, bytes, sizeof bytes);
    explicit_bzero(bytes, sizeof bytes);
    return 1;
}

br_prng_seeder br_prng_seeder_system(const char **name) {
    if (name != NULL) *name = "getrandom";
    return seed;
}

/* The key, which has to be one: from 1 to the order of the curve, exclusive. */
static int take_key(JSContext *ctx, JSValueConst value, uint8_t *scalar, br_ec_private_key *key) {
    size_t length = 0;
    const uint8_t *bytes = take_bytes(ctx, value, &length);
    if (bytes == NULL) return 0;
    if (length == KEY_BYTES) memcpy(scalar, bytes, KEY_BYTES);
    *key = (br_ec_private_key){.curve = BR_EC_secp256r1, .x = scalar, .xlen = KEY_BYTES};
    /* Signing refuses a number that is no key, where multiplying would reduce it. */
    const uint8_t hash[HASH_BYTES] = {0};
    uint8_t signature[MOST_SIGNATURE_BYTES];
    if (length == KEY_BYTES &&
        br_ecdsa_i31_sign_raw(TLS_CURVE, &br_sha256_vtable, hash, key, signature) != 0) {
        return 1;
    }
    explicit_bzero(scalar, KEY_BYTES);
    JS_ThrowRangeError(ctx, "no private key of P-256");
    return 0;
}

static FUNCTION(new_key) {
    (void)this_value, (void)argc, (void)argv;
    br_hmac_drbg_context generator;
    uint8_t scalar[BR_EC_KBUF_PRIV_MAX_SIZE];
    br_hmac_drbg_init(&generator, &br_sha256_vtable, NULL, 0);
    seed(&generator.vtable);
    size_t length = br_ec_keygen(&generator.vtable, TLS_CURVE, NULL, scalar, BR_EC_secp256r1);
    JSValue key = length == KEY_BYTES ? new_bytes(ctx, scalar, length)
                                      : JS_ThrowInternalError(ctx, "no key could be made");
    explicit_bzero(&generator, sizeof generator);
    explicit_bzero(scalar, sizeof scalar);
    return key;
}

static FUNCTION(public_key_of) {
    (void)this_value, (void)argc;
    uint8_t scalar[KEY_BYTES];
    uint8_t point[POINT_BYTES];
    br_ec_private_key key;
    if (!take_key(ctx, argv[0], scalar, &key)) return JS_EXCEPTION;
    br_ec_compute_pub(TLS_CURVE, NULL, point, &key);
    explicit_bzero(scalar, sizeof scalar);
    return new_bytes(ctx, point, sizeof point);
}

/* tlsSign(private key, SHA-256) */
static FUNCTION(sign) {
    (void)this_value, (void)argc;
    uint8_t scalar[KEY_BYTES];
    uint8_t signature[MOST_SIGNATURE_BYTES];
    br_ec_private_key key;
    size_t length = 0;
    const uint8_t *hash = take_bytes(ctx, argv[1], &length);
    if (hash == NULL) return JS_EXCEPTION;
    if (length != HASH_BYTES) return JS_ThrowRangeError(ctx, "no SHA-256");
    if (!take_key(ctx, argv[0], scalar, &key)) return JS_EXCEPTION;
    length = br_ecdsa_i31_sign_asn1(TLS_CURVE, &br_sha256_vtable, hash, &key, signature);
    explicit_bzero(scalar, sizeof scalar);
    return new_bytes(ctx, signature, length);
}

static void free_identity(JSRuntime *runtime, JSValueConst value) {
    struct identity *identity = JS_GetOpaque(value, identity_class);
    if (identity == NULL) return;
    explicit_bzero(identity, sizeof *identity);
    js_free_rt(runtime, identity);
}

/* tlsIdentity(private key, certificate) */
static FUNCTION(new_identity) {
    (void)this_value, (void)argc;
    size_t length = 0;
    const uint8_t *der = take_bytes(ctx, argv[1], &length);
    if (der == NULL) return JS_EXCEPTION;
    if (length == 0 || length > MOST_CERTIFICATE_BYTES) {
        return JS_ThrowRangeError(ctx, "a certificate of %d bytes", (int)length);
    }
    JSValue value = JS_NewObjectClass(ctx, (int)identity_class);
    if (JS_IsException(value)) return value;
    struct identity *identity = js_mallocz(ctx, sizeof *identity);
    if (identity == NULL || !take_key(ctx, argv[0], identity->scalar, &identity->key)) {
        js_free(ctx, identity);
        JS_FreeValue(ctx, value);
        return JS_EXCEPTION;
    }
    memcpy(identity->der, der, length);
    identity->certificate = (br_x509_certificate){.data = identity->der, .data_len = length};
    br_ssl_session_cache_lru_init(&identity->cache, identity->kept, sizeof identity->kept);
    JS_SetOpaque(value, identity);
    return value;
}

struct identity *take_identity(JSContext *ctx, JSValueConst value) {
    return JS_GetOpaque2(ctx, value, identity_class);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("newTlsKey", 0, new_key),
    JS_CFUNC_DEF("tlsPublicKeyOf", 1, public_key_of),
    JS_CFUNC_DEF("tlsSign", 2, sign),
    JS_CFUNC_DEF("tlsIdentity", 2, new_identity),
};

void add_identity(JSContext *ctx, JSValueConst native) {
    static const JSClassDef identity = {.class_name = "TlsIdentity", .finalizer = free_identity};
    JS_NewClassID(&identity_class);
    JS_NewClass(JS_GetRuntime(ctx), identity_class, &identity);
    ADD(functions);
}

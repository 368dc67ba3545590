/* Ed25519 (RFC 8032) and SHA-256 of libsodium, of which only these few files are compiled. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <crypto_hash_sha256.h>
#include <crypto_sign_ed25519.h>
#include <randombytes.h>
#include <utils.h>
#include "native.h"

/* Asked by libsodium of its own utils.c, which would bring its allocator as well. */
void sodium_memzero(void *const memory, const size_t length) {
    explicit_bzero(memory, length);
}

int sodium_memcmp(const void *const left, const void *const right, size_t length) {
    const volatile uint8_t *one = left;
    const volatile uint8_t *other = right;
    uint8_t different = 0;
    for (size_t index = 0; index < length; index += 1) different |= one[index] ^ other[index];
    return different == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char *bytes, const size_t length) {
    const volatile uint8_t *at = bytes;
    uint8_t found = 0;
    for (size_t index = 0; index < length; index += 1) found |= at[index];
    return found == 0;
}

/* For kernels before 3.17, which have no getrandom(2). */
static ssize_t read_urandom(uint8_t *bytes, size_t size) {
    int descriptor = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t count = read(descriptor, bytes, size);
    int problem = errno;
    close(descriptor);
    errno = problem;
    return count;
}

/* Waits at boot only, until the kernel has gathered some. Without randomness there are no tokens. */
void randombytes_buf(void *const memory, const size_t size) {
    uint8_t *bytes = memory;
    for (size_t length = 0; length < size;) {
        ssize_t count = getrandom(bytes + length, size - length, 0);
        if (count < 0 && errno == ENOSYS) count = read_urandom(bytes + length, size - length);
        if (count < 0 && errno != EINTR) abort();
        if (count > 0) length += (size_t)count;
    }
}

static const uint8_t *take_exactly(JSContext *ctx, JSValueConst value, size_t wanted) {
    size_t length = 0;
    const uint8_t *bytes = take_bytes(ctx, value, &length);
    if (bytes == NULL || length == wanted) return bytes;
    JS_ThrowRangeError(ctx, "a key of %d bytes", (int)length);
    return NULL;
}

/* verifyEd25519(public key, message, signature) */
static FUNCTION(verify) {
    (void)this_value, (void)argc;
    size_t message_length = 0;
    size_t signature_length = 0;
    const uint8_t *key = take_exactly(ctx, argv[0], crypto_sign_ed25519_PUBLICKEYBYTES);
    const uint8_t *message = key == NULL ? NULL : take_bytes(ctx, argv[1], &message_length);
    const uint8_t *signature = message == NULL ? NULL : take_bytes(ctx, argv[2], &signature_length);
    if (signature == NULL) return JS_EXCEPTION;
    return JS_NewBool(ctx, signature_length == crypto_sign_ed25519_BYTES &&
                               crypto_sign_ed25519_verify_detached(signature, message,
                                                                   message_length, key) == 0);
}

/* The 32 bytes of RFC 8032, from which libsodium keeps both halves of the key pair. */
static int expand_key(JSContext *ctx, JSValueConst value, uint8_t *public_key, uint8_t *secret) {
    const uint8_t *seed = take_exactly(ctx, value, crypto_sign_ed25519_SEEDBYTES);
    return seed != NULL && crypto_sign_ed25519_seed_keypair(public_key, secret, seed) == 0;
}

/* signEd25519(private key, message) */
static FUNCTION(sign) {
    (void)this_value, (void)argc;
    uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
    uint8_t signature[crypto_sign_ed25519_BYTES];
    size_t length = 0;
    const uint8_t *message = take_bytes(ctx, argv[1], &length);
    if (message == NULL || !expand_key(ctx, argv[0], public_key, secret)) return JS_EXCEPTION;
    crypto_sign_ed25519_detached(signature, NULL, message, length, secret);
    sodium_memzero(secret, sizeof secret);
    return new_bytes(ctx, signature, sizeof signature);
}

static FUNCTION(public_key_of) {
    (void)this_value, (void)argc;
    uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
    if (!expand_key(ctx, argv[0], public_key, secret)) return JS_EXCEPTION;
    sodium_memzero(secret, sizeof secret);
    return new_bytes(ctx, public_key, sizeof public_key);
}

static FUNCTION(sha256) {
    (void)this_value, (void)argc;
    uint8_t hash[crypto_hash_sha256_BYTES];
    size_t length = 0;
    const uint8_t *bytes = take_bytes(ctx, argv[0], &length);
    if (bytes == NULL) return JS_EXCEPTION;
    crypto_hash_sha256(hash, bytes, length);
    return new_bytes(ctx, hash, sizeof hash);
}

static FUNCTION(random_bytes) {
    (void)this_value, (void)argc;
    uint8_t bytes[4096];
    int wanted = 0;
    if (!take_int(ctx, argv[0], &wanted)) return JS_EXCEPTION;
    if (wanted < 0 || (size_t)wanted > sizeof bytes) return JS_ThrowRangeError(ctx, "too many");
    randombytes_buf(bytes, (size_t)wanted);
    return new_bytes(ctx, bytes, (size_t)wanted);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("verifyEd25519", 3, verify),   JS_CFUNC_DEF("signEd25519", 2, sign),
    JS_CFUNC_DEF("publicKeyOf", 1, public_key_of), JS_CFUNC_DEF("sha256", 1, sha256),
    JS_CFUNC_DEF("random", 1, random_bytes),
};

void add_crypto(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

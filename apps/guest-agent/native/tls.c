/*
 * TLS 1.2 as a server, by BearSSL: a session for each connection that has begun with it. Nothing here
 * waits, and nothing is kept that was opened: what is received goes to JavaScript record by record.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bearssl.h>
#include "native.h"
#include "tls.h"

enum {
    /* Any client may send records of 16 kB; we send smaller ones, and need less room for them. */
    INPUT_BYTES = BR_SSL_BUFSIZE_INPUT,
    OUTPUT_BYTES = 4096 + 85,
    /* Others have their turn after so many, also while somebody sends records with nothing in them. */
    MOST_READS = 64,
    MOST_WRITTEN = 256 * 1024,
};

/* Bits of tlsState(). */
enum { ENCRYPTED = 1, UNSENT = 2 };

struct session {
    br_ssl_server_context server;
    JSValue identity;
    int descriptor;
    /* Bytes of the caller's that are in a record which the kernel has not taken whole. */
    size_t held;
    int is_ready;
    int is_ending;
    uint8_t input[INPUT_BYTES];
    uint8_t output[OUTPUT_BYTES];
};

static JSClassID session_class;

static void drop_session(JSRuntime *runtime, JSValueConst value, struct session *session) {
    JS_SetOpaque(value, NULL);
    JS_FreeValueRT(runtime, session->identity);
    explicit_bzero(&session->server, sizeof session->server);
    js_free_rt(runtime, session);
}

static void free_session(JSRuntime *runtime, JSValueConst value) {
    struct session *session = JS_GetOpaque(value, session_class);
    if (session != NULL) drop_session(runtime, value, session);
}

static void set_ciphers(br_ssl_engine_context *engine) {
    static const uint16_t with_aes[] = {
        BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    };
    static const uint16_t without_aes[] = {
        BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    };
    /* What a processor lacks is done in constant time all the same, by other means. */
    const br_block_ctr_class *aes = br_aes_x86ni_ctr_get_vtable();
    br_ghash ghash = br_ghash_pclmul_get();
    br_chacha20_run chacha = br_chacha20_sse2_get();
    br_poly1305_run poly = br_poly1305_ctmulq_get();
    br_ssl_engine_set_suites(engine, aes == NULL ? without_aes : with_aes, 3);
    br_ssl_engine_set_aes_ctr(engine, aes == NULL ? &br_aes_ct64_ctr_vtable : aes);
    br_ssl_engine_set_ghash(engine, ghash == NULL ? br_ghash_ctmul64 : ghash);
    br_ssl_engine_set_gcm(engine, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
    br_ssl_engine_set_chacha20(engine, chacha == NULL ? br_chacha20_ct_run : chacha);
    br_ssl_engine_set_poly1305(engine, poly == NULL ? br_poly1305_ctmul_run : poly);
    br_ssl_engine_set_chapol(engine, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
}

static int start_session(struct session *session, struct identity *identity) {
    br_ssl_server_context *server = &session->server;
    br_ssl_engine_context *engine = &server->eng;
    br_ssl_server_zero(server);
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_add_flags(engine, BR_OPT_ENFORCE_SERVER_PREFERENCES | BR_OPT_NO_RENEGOTIATION);
    br_ssl_engine_set_ec(engine, TLS_CURVE);
    br_ssl_engine_set_hash(engine, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_hash(engine, br_sha384_ID, &br_sha384_vtable);
    br_ssl_engine_set_prf_sha256(engine, br_tls12_sha256_prf);
    br_ssl_engine_set_prf_sha384(engine, br_tls12_sha384_prf);
    set_ciphers(engine);
    br_ssl_server_set_single_ec(server, &identity->certificate, 1, &identity->key,
                                BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, TLS_CURVE, br_ecdsa_i31_sign_asn1);
    br_ssl_server_set_cache(server, &identity->cache.vtable);
    br_ssl_engine_set_buffers_bidi(engine, session->input, sizeof session->input, session->output,
                                   sizeof session->output);
    return br_ssl_server_reset(server);
}

/* tlsSession(identity, descriptor), which the caller closes after the session. */
static FUNCTION(new_session) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    struct identity *identity = take_identity(ctx, argv[0]);
    if (identity == NULL || !take_int(ctx, argv[1], &descriptor)) return JS_EXCEPTION;
    JSValue value = JS_NewObjectClass(ctx, (int)session_class);
    if (JS_IsException(value)) return value;
    /* Its buffers stay untouched, hence no memory, until something is in them. */
    struct session *session = js_malloc(ctx, sizeof *session);
    if (session == NULL) {
        JS_FreeValue(ctx, value);
        return JS_EXCEPTION;
    }
    session->descriptor = descriptor;
    session->held = 0;
    session->is_ready = 0;
    session->is_ending = 0;
    session->identity = JS_DupValue(ctx, argv[0]);
    JS_SetOpaque(value, session);
    if (start_session(session, identity)) return value;
    JS_FreeValue(ctx, value);
    return JS_ThrowInternalError(ctx, "no TLS session could be made");
}

/* 1 when nothing is left to send, 0 when the kernel takes no more for now, or the errno. */
static int send_records(struct session *session) {
    br_ssl_engine_context *engine = &session->server.eng;
    for (;;) {
        size_t length = 0;
        const uint8_t *bytes = br_ssl_engine_sendrec_buf(engine, &length);
        if (bytes == NULL) return 1;
        ssize_t count = write(session->descriptor, bytes, length);
        if (count > 0) br_ssl_engine_sendrec_ack(engine, (size_t)count);
        else if (count < 0 && errno != EINTR) return errno == EAGAIN ? 0 : -errno;
    }
}

static unsigned state_of(struct session *session) {
    unsigned state = br_ssl_engine_current_state(&session->server.eng);
    if ((state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP)) != 0) session->is_ready = 1;
    return state;
}

/* Whether the other side has said that it has said all; our own last record may still wait to go. */
static int is_ended(const struct session *session) {
    return session->is_ready && session->server.eng.application_data == 0;
}

/* How many bytes of a record have come, or the errno: an end that nobody has declared is one too. */
static int receive_record(struct session *session) {
    br_ssl_engine_context *engine = &session->server.eng;
    size_t room = 0;
    uint8_t *bytes = br_ssl_engine_recvrec_buf(engine, &room);
    if (bytes == NULL) return -EAGAIN;
    ssize_t count = read(session->descriptor, bytes, room);
    if (count == 0) return -ECONNRESET;
    if (count < 0) return errno == EINTR ? 0 : -errno;
    br_ssl_engine_recvrec_ack(engine, (size_t)count);
    return (int)count;
}

/* Who has said all hears nothing more: TLS 1.2 has no half of a connection. It waits for the end. */
static JSValue throw_away(JSContext *ctx, struct session *session) {
    static uint8_t unread[16 * 1024];
    ssize_t count = read(session->descriptor, unread, sizeof unread);
    if (count == 0) return new_bytes(ctx, "", 0);
    return JS_NewInt32(ctx, count < 0 ? -errno : -EAGAIN);
}

/* What was in one record; no bytes at the end that the other side has declared; or the errno. */
static FUNCTION(receive) {
    (void)this_value, (void)argc;
    struct session *session = JS_GetOpaque2(ctx, argv[0], session_class);
    if (session == NULL) return JS_EXCEPTION;
    if (session->is_ending) return throw_away(ctx, session);
    br_ssl_engine_context *engine = &session->server.eng;
    for (int reads = 0; reads < MOST_READS; reads += 1) {
        int outcome = send_records(session);
        unsigned state = state_of(session);
        if (outcome >= 0 && (state & BR_SSL_RECVAPP) != 0) {
            size_t length = 0;
            const uint8_t *bytes = br_ssl_engine_recvapp_buf(engine, &length);
            JSValue opened = new_bytes(ctx, bytes, length);
            br_ssl_engine_recvapp_ack(engine, length);
            return opened;
        }
        if (outcome >= 0 && br_ssl_engine_last_error(engine) != BR_ERR_OK) outcome = -EPROTO;
        if (outcome >= 0 && is_ended(session)) return new_bytes(ctx, "", 0);
        if (outcome >= 0) outcome = receive_record(session);
        if (outcome < 0) return JS_NewInt32(ctx, outcome);
    }
    return JS_NewInt32(ctx, -EAGAIN);
}

/* How many the kernel has taken, in records that it has taken whole; or the errno. */
static int64_t write_records(struct session *session, const uint8_t *bytes, size_t length) {
    br_ssl_engine_context *engine = &session->server.eng;
    size_t taken = 0;
    if (session->held > length) return -EINVAL;
    for (;;) {
        int outcome = send_records(session);
        if (outcome < 0) return outcome;
        if (outcome == 0) break;
        taken += session->held;
        session->held = 0;
        if (taken == length) return (int64_t)taken;
        unsigned state = state_of(session);
        if ((state & BR_SSL_CLOSED) != 0) return -EPIPE;
        if ((state & BR_SSL_SENDAPP) == 0 || taken >= MOST_WRITTEN) break;
        size_t room = 0;
        uint8_t *into = br_ssl_engine_sendapp_buf(engine, &room);
        session->held = length - taken < room ? length - taken : room;
        memcpy(into, bytes + taken, session->held);
        br_ssl_engine_sendapp_ack(engine, session->held);
        br_ssl_engine_flush(engine, 0);
    }
    return taken == 0 ? -EAGAIN : (int64_t)taken;
}

/* tlsWrite(session, bytes, start): as write(). What it did not take it must be given again. */
static FUNCTION(write_sealed) {
    (void)this_value, (void)argc;
    int64_t start = 0;
    size_t length = 0;
    struct session *session = JS_GetOpaque2(ctx, argv[0], session_class);
    const uint8_t *bytes = session == NULL ? NULL : take_bytes(ctx, argv[1], &length);
    if (bytes == NULL || !take_int64(ctx, argv[2], &start)) return JS_EXCEPTION;
    if (start < 0 || (uint64_t)start > length) return JS_NewInt32(ctx, -EINVAL);
    return JS_NewInt64(ctx, write_records(session, bytes + start, length - (size_t)start));
}

/* Says that nothing more will come. To be called again where the kernel does not take that yet. */
static FUNCTION(end) {
    (void)this_value, (void)argc;
    struct session *session = JS_GetOpaque2(ctx, argv[0], session_class);
    if (session == NULL) return JS_EXCEPTION;
    if (!session->is_ending) {
        session->is_ending = 1;
        state_of(session);
        if (session->is_ready) br_ssl_engine_close(&session->server.eng);
    }
    int sent = session->is_ready ? send_records(session) : 1;
    if (sent <= 0) return JS_NewInt32(ctx, sent == 0 ? -EAGAIN : sent);
    return shutdown(session->descriptor, SHUT_WR) < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
}

static FUNCTION(state) {
    (void)this_value, (void)argc;
    struct session *session = JS_GetOpaque2(ctx, argv[0], session_class);
    if (session == NULL) return JS_EXCEPTION;
    int is_unsent = (state_of(session) & BR_SSL_SENDREC) != 0;
    return JS_NewInt32(ctx, (session->is_ready ? ENCRYPTED : 0) | (is_unsent ? UNSENT : 0));
}

static FUNCTION(close_session) {
    (void)this_value, (void)argc;
    struct session *session = JS_GetOpaque2(ctx, argv[0], session_class);
    if (session == NULL) return JS_EXCEPTION;
    drop_session(JS_GetRuntime(ctx), argv[0], session);
    return JS_UNDEFINED;
}

/* The first byte that has come, which stays there for the next to read; 256 where none will come. */
static FUNCTION(first_byte) {
    (void)this_value, (void)argc;
    uint8_t byte = 0;
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK);
    if (count < 0) return failed(ctx);
    return JS_NewInt32(ctx, count == 0 ? 256 : byte);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("tlsSession", 2, new_session), JS_CFUNC_DEF("tlsReceive", 1, receive),
    JS_CFUNC_DEF("tlsWrite", 3, write_sealed),  JS_CFUNC_DEF("tlsShutdown", 1, end),
    JS_CFUNC_DEF("tlsState", 1, state),         JS_CFUNC_DEF("tlsClose", 1, close_session),
    JS_CFUNC_DEF("firstByte", 1, first_byte),
};

void add_tls(JSContext *ctx, JSValueConst native) {
    static const JSClassDef session = {.class_name = "TlsSession", .finalizer = free_session};
    JSRuntime *runtime = JS_GetRuntime(ctx);
    add_identity(ctx, native);
    JS_NewClassID(&session_class);
    JS_NewClass(runtime, session_class, &session);
    ADD(functions);
}

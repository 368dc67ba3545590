/*
 * Zstandard, RFC 8878: block by block into one buffer, so that nothing is unpacked beyond what is asked
 * for, and no frame's word about its window is a reason to take memory.
 */
#define ZSTD_STATIC_LINKING_ONLY
#define ZSTD_DISABLE_DEPRECATE_WARNINGS
#include <zstd.h>
#include "native.h"

/* Of what is asked for; what a block brings beyond it is cut. */
static const int64_t MOST_BYTES = 16 * 1024 * 1024;

/* 160 kB of addresses, of which short fields touch a few pages. */
static ZSTD_DCtx *decoder;

/* How many bytes there are now; -1 where the frame is not sound or has no room. */
static int64_t unpack(const uint8_t *packed, size_t size, uint8_t *into, size_t room, size_t most) {
    size_t at = 0;
    size_t length = 0;
    if (ZSTD_isError(ZSTD_decompressBegin(decoder))) return -1;
    while (length < most) {
        size_t wanted = ZSTD_nextSrcSizeToDecompress(decoder);
        if (wanted == 0) break;
        if (wanted > size - at) return -1;
        size_t count = ZSTD_decompressContinue(decoder, into + length, room - length, packed + at, wanted);
        if (ZSTD_isError(count)) return -1;
        at += wanted;
        length += count;
    }
    return (int64_t)length;
}

static JSValue new_unpacked(JSContext *ctx, const uint8_t *bytes, size_t length, size_t of) {
    JSValue list = JS_NewArray(ctx);
    if (JS_IsException(list)) return list;
    JS_SetPropertyUint32(ctx, list, 0, new_bytes(ctx, bytes, length));
    JS_SetPropertyUint32(ctx, list, 1, JS_NewInt64(ctx, (int64_t)of));
    return list;
}

/* unpackZstd(packed, most) */
static FUNCTION(unpack_zstd) {
    (void)this_value, (void)argc;
    size_t size = 0;
    int64_t asked = 0;
    const uint8_t *packed = take_bytes(ctx, argv[0], &size);
    if (packed == NULL || !take_int64(ctx, argv[1], &asked)) return JS_EXCEPTION;
    if (asked < 0 || asked > MOST_BYTES) return JS_ThrowRangeError(ctx, "most out of range");
    if (decoder == NULL && (decoder = ZSTD_createDCtx()) == NULL) return JS_ThrowOutOfMemory(ctx);
    ZSTD_FrameHeader head;
    if (ZSTD_getFrameHeader(&head, packed, size) != 0) return JS_UNDEFINED;
    if (head.frameType != ZSTD_frame || head.dictID != 0) return JS_UNDEFINED;
    size_t most = (size_t)asked;
    unsigned long long said = head.frameContentSize;
    size_t room = said <= most ? (size_t)said : most + ZSTD_BLOCKSIZE_MAX;
    uint8_t *into = js_malloc(ctx, room + 1);
    if (into == NULL) return JS_EXCEPTION;
    int64_t length = unpack(packed, size, into, room, most);
    JSValue result = JS_UNDEFINED;
    if (length >= 0) {
        size_t all = (size_t)length;
        int is_said = said != ZSTD_CONTENTSIZE_UNKNOWN && said > all;
        result = new_unpacked(ctx, into, all < most ? all : most, is_said ? (size_t)said : all);
    }
    js_free(ctx, into);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("unpackZstd", 2, unpack_zstd),
};

void add_unpacking(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

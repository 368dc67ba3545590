/* UTF-8 and Latin-1: https://encoding.spec.whatwg.org/#utf-8-decoder */
#include <stdlib.h>
#include <string.h>
#include "native.h"

static const char REPLACEMENT[] = "\xef\xbf\xbd";

/* How many of the bytes at `at` are one character; where they are none, minus how many are one error. */
static int sequence_at(const uint8_t *at, const uint8_t *end) {
    uint8_t first = at[0];
    if (first < 0x80) return 1;
    int wanted = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first < 0xc2 || first > 0xf4) return -1;
    uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (int index = 1; index <= wanted; index += 1) {
        if (at + index >= end || at[index] < lowest || at[index] > highest) return -index;
        lowest = 0x80;
        highest = 0xbf;
    }
    return wanted + 1;
}

static size_t sound_length(const uint8_t *bytes, size_t length) {
    const uint8_t *at = bytes;
    const uint8_t *end = bytes + length;
    while (at < end) {
        /* Most text is ASCII: eight at a time. */
        uint64_t eight;
        while (end - at >= 8 && (memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) at += 8;
        if (at == end) break;
        int count = sequence_at(at, end);
        if (count < 0) break;
        at += count;
    }
    return (size_t)(at - bytes);
}

JSValue new_text(JSContext *ctx, const void *utf8, size_t length) {
    const uint8_t *bytes = utf8;
    size_t sound = sound_length(bytes, length);
    if (sound == length) return JS_NewStringLen(ctx, utf8, length);
    /* At worst each of the other bytes is one error. */
    uint8_t *mended = malloc(sound + 3 * (length - sound));
    if (mended == NULL) return JS_ThrowOutOfMemory(ctx);
    memcpy(mended, bytes, sound);
    size_t written = sound;
    const uint8_t *end = bytes + length;
    for (const uint8_t *at = bytes + sound; at < end;) {
        int count = sequence_at(at, end);
        const void *from = count < 0 ? (const void *)REPLACEMENT : at;
        size_t size = count < 0 ? 3 : (size_t)count;
        memcpy(mended + written, from, size);
        written += size;
        at += abs(count);
    }
    JSValue text = JS_NewStringLen(ctx, (const char *)mended, written);
    free(mended);
    return text;
}

static int take_bound(JSContext *ctx, JSValueConst value, size_t *bound) {
    int64_t taken = 0;
    if (JS_IsUndefined(value)) return 1;
    if (!take_int64(ctx, value, &taken)) return 0;
    if (taken < 0) taken = 0;
    if ((uint64_t)taken < *bound) *bound = (size_t)taken;
    return 1;
}

/* (bytes, start, end): all of them where no bounds are given. */
static const uint8_t *take_range(JSContext *ctx, JSValueConst *argv, size_t *length) {
    const uint8_t *bytes = take_bytes(ctx, argv[0], length);
    size_t start = *length;
    size_t end = *length;
    if (bytes == NULL || !take_bound(ctx, argv[1], &start) || !take_bound(ctx, argv[2], &end)) {
        return NULL;
    }
    if (JS_IsUndefined(argv[1])) start = 0;
    *length = end > start ? end - start : 0;
    return bytes + start;
}

static FUNCTION(decode_utf8) {
    (void)this_value, (void)argc;
    size_t length = 0;
    const uint8_t *bytes = take_range(ctx, argv, &length);
    return bytes == NULL ? JS_EXCEPTION : new_text(ctx, bytes, length);
}

static FUNCTION(decode_latin1) {
    (void)this_value, (void)argc;
    size_t length = 0;
    const uint8_t *bytes = take_range(ctx, argv, &length);
    if (bytes == NULL) return JS_EXCEPTION;
    char *utf8 = malloc(2 * length + 1);
    if (utf8 == NULL) return JS_ThrowOutOfMemory(ctx);
    size_t written = 0;
    for (size_t at = 0; at < length; at += 1) {
        if (bytes[at] >= 0x80) utf8[written++] = (char)(0xc0 | bytes[at] >> 6);
        utf8[written++] = (char)(bytes[at] < 0x80 ? bytes[at] : 0x80 | (bytes[at] & 0x3f));
    }
    JSValue text = JS_NewStringLen(ctx, utf8, written);
    free(utf8);
    return text;
}

static FUNCTION(encode_utf8) {
    (void)this_value, (void)argc;
    struct text text;
    if (!take_text(ctx, argv[0], &text)) return JS_EXCEPTION;
    JSValue bytes = new_bytes(ctx, text.chars, text.length);
    release_text(ctx, &text);
    return bytes;
}

static FUNCTION(utf8_length) {
    (void)this_value, (void)argc;
    size_t length = 0;
    const char *chars = JS_ToCStringLen(ctx, &length, argv[0]);
    if (chars == NULL) return JS_EXCEPTION;
    JS_FreeCString(ctx, chars);
    return JS_NewInt64(ctx, (int64_t)length);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("decodeUtf8", 3, decode_utf8),
    JS_CFUNC_DEF("decodeLatin1", 3, decode_latin1),
    JS_CFUNC_DEF("encodeUtf8", 1, encode_utf8),
    JS_CFUNC_DEF("utf8Length", 1, utf8_length),
};

void add_text(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

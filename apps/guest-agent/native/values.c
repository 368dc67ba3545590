/* JavaScript's values as C's and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "native.h"

/* A lone surrogate comes from the engine as the three bytes ED A0..BF xx; U+FFFD has three too. */
static void replace_surrogates(char *chars, size_t length) {
    for (size_t at = 0; at + 2 < length; at += 1) {
        if ((uint8_t)chars[at] == 0xed && (uint8_t)chars[at + 1] >= 0xa0) {
            memcpy(chars + at, "\xef\xbf\xbd", 3);
            at += 2;
        }
    }
}

static int has_surrogates(const char *chars, size_t length) {
    const char *at = chars;
    const char *end = chars + length;
    while ((at = memchr(at, 0xed, (size_t)(end - at))) != NULL) {
        if (end - at > 2 && (uint8_t)at[1] >= 0xa0) return 1;
        at += 1;
    }
    return 0;
}

int take_text(JSContext *ctx, JSValueConst value, struct text *text) {
    text->copy = NULL;
    text->chars = JS_ToCStringLen(ctx, &text->length, value);
    if (text->chars == NULL) return 0;
    if (!has_surrogates(text->chars, text->length)) return 1;
    text->copy = malloc(text->length + 1);
    if (text->copy == NULL) {
        JS_FreeCString(ctx, text->chars);
        JS_ThrowOutOfMemory(ctx);
        return 0;
    }
    memcpy(text->copy, text->chars, text->length + 1);
    replace_surrogates(text->copy, text->length);
    JS_FreeCString(ctx, text->chars);
    text->chars = text->copy;
    return 1;
}

int take_name(JSContext *ctx, JSValueConst value, struct text *text) {
    if (!take_text(ctx, value, text)) return 0;
    if (strlen(text->chars) == text->length) return 1;
    release_text(ctx, text);
    text->copy = calloc(1, 1);
    if (text->copy == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return 0;
    }
    text->chars = text->copy;
    text->length = 0;
    return 1;
}

void release_text(JSContext *ctx, struct text *text) {
    if (text->copy == NULL) JS_FreeCString(ctx, text->chars);
    free(text->copy);
}

int take_int(JSContext *ctx, JSValueConst value, int *number) {
    int32_t taken = 0;
    if (JS_ToInt32(ctx, &taken, value) != 0) return 0;
    *number = taken;
    return 1;
}

int take_int64(JSContext *ctx, JSValueConst value, int64_t *number) {
    return JS_ToInt64(ctx, number, value) == 0;
}

uint8_t *take_bytes(JSContext *ctx, JSValueConst value, size_t *length) {
    size_t offset = 0;
    size_t size = 0;
    JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, length, NULL);
    if (JS_IsException(buffer)) return NULL;
    uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, buffer);
    /* The view in `value` keeps it. */
    JS_FreeValue(ctx, buffer);
    if (bytes == NULL || offset > size || *length > size - offset) {
        JS_ThrowTypeError(ctx, "no bytes");
        return NULL;
    }
    return bytes + offset;
}

static JSValue view_of(JSContext *ctx, JSValue buffer) {
    if (JS_IsException(buffer)) return buffer;
    /* The constructor looks at all three of its arguments. */
    JSValueConst arguments[] = {buffer, JS_UNDEFINED, JS_UNDEFINED};
    JSValue view = JS_NewTypedArray(ctx, 3, arguments, JS_TYPED_ARRAY_UINT8);
    JS_FreeValue(ctx, buffer);
    return view;
}

JSValue new_bytes(JSContext *ctx, const void *bytes, size_t length) {
    return view_of(ctx, JS_NewArrayBufferCopy(ctx, bytes, length));
}

JSValue new_numbers(JSContext *ctx, int count, const double *numbers) {
    JSValue list = JS_NewArray(ctx);
    for (int index = 0; index < count && !JS_IsException(list); index += 1) {
        JSValue number = JS_NewFloat64(ctx, numbers[index]);
        if (JS_DefinePropertyValueUint32(ctx, list, (uint32_t)index, number, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, list);
            return JS_EXCEPTION;
        }
    }
    return list;
}

JSValue failed(JSContext *ctx) {
    return JS_NewInt32(ctx, -errno);
}

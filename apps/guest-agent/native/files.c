/* Files and folders: open(2), pread(2), scandir(3). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "native.h"

/* What one read may ask for. The core's own limits are far below it. */
static const int64_t MOST_BYTES = 64 * 1024 * 1024;
/* The buffer that serves all texts is given back after one that was longer. */
static const size_t KEPT_BYTES = 64 * 1024;

static char *buffer;
static size_t buffer_size;

static FUNCTION(open_file) {
    (void)this_value, (void)argc;
    struct text path;
    int flags = 0;
    if (!take_int(ctx, argv[1], &flags) || !take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    int descriptor = open(path.chars, flags | O_CLOEXEC, 0600);
    JSValue result = descriptor < 0 ? failed(ctx) : JS_NewInt32(ctx, descriptor);
    release_text(ctx, &path);
    return result;
}

static FUNCTION(close_file) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    /* Linux has closed it also where it says EINTR (close(2)). */
    close(descriptor);
    return JS_UNDEFINED;
}

static ssize_t read_some(int descriptor, void *into, size_t size, int64_t offset) {
    for (;;) {
        ssize_t count = offset < 0 ? read(descriptor, into, size)
                                   : pread(descriptor, into, size, (off_t)offset);
        if (count >= 0 || errno != EINTR) return count;
    }
}

static int grow_buffer(size_t wanted) {
    if (wanted <= buffer_size) return 1;
    char *larger = realloc(buffer, wanted);
    if (larger == NULL) return 0;
    buffer = larger;
    buffer_size = wanted;
    return 1;
}

/* readText(descriptor, limit, whole, cut): `limit` bytes from the start; more is E2BIG, or cut. */
static FUNCTION(read_text) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int64_t limit = 0;
    if (!take_int(ctx, argv[0], &descriptor) || !take_int64(ctx, argv[1], &limit)) {
        return JS_EXCEPTION;
    }
    int whole = JS_ToBool(ctx, argv[2]);
    int cut = JS_ToBool(ctx, argv[3]);
    if (limit < 0 || limit > MOST_BYTES) return JS_ThrowRangeError(ctx, "limit out of range");
    /* One byte more tells a file that is too long from one that just fits. */
    size_t most = (size_t)limit + (cut ? 0 : 1);
    size_t length = 0;
    while (length < most) {
        if (length == buffer_size && !grow_buffer(length == 0 ? 16 * 1024 : length * 4)) {
            return JS_ThrowOutOfMemory(ctx);
        }
        size_t room = buffer_size - length;
        if (room > most - length) room = most - length;
        ssize_t count = read_some(descriptor, buffer + length, room, (int64_t)length);
        if (count < 0) return failed(ctx);
        length += (size_t)count;
        if (count == 0 || (whole && (size_t)count < room)) break;
    }
    JSValue text = length > (size_t)limit ? JS_NewInt32(ctx, -E2BIG)
                                          : new_text(ctx, length == 0 ? "" : buffer, length);
    if (buffer_size > KEPT_BYTES) {
        free(buffer);
        buffer = NULL;
        buffer_size = 0;
    }
    return text;
}

/* readInto(descriptor, bytes, offset): an offset below 0 reads on where the last read ended. */
static FUNCTION(read_into) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int64_t offset = 0;
    size_t size = 0;
    uint8_t *into = take_bytes(ctx, argv[1], &size);
    if (into == NULL || !take_int(ctx, argv[0], &descriptor) ||
        !take_int64(ctx, argv[2], &offset)) {
        return JS_EXCEPTION;
    }
    ssize_t count = read_some(descriptor, into, size, offset);
    return count < 0 ? failed(ctx) : JS_NewInt64(ctx, count);
}

static int is_name(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Sorted, as libuv does it: what is listed keeps its order. */
static FUNCTION(list_folder) {
    (void)this_value, (void)argc;
    struct text path;
    struct dirent **names = NULL;
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    int count = scandir(path.chars, &names, is_name, alphasort);
    JSValue result = count < 0 ? failed(ctx) : JS_NewArray(ctx);
    release_text(ctx, &path);
    for (int index = 0; index < count; index += 1) {
        const char *name = names[index]->d_name;
        if (!JS_IsException(result)) {
            JS_SetPropertyUint32(ctx, result, (uint32_t)index, new_text(ctx, name, strlen(name)));
        }
        free(names[index]);
    }
    free(names);
    return result;
}

static FUNCTION(read_link) {
    (void)this_value, (void)argc;
    struct text path;
    char target[PATH_MAX];
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    ssize_t length = readlink(path.chars, target, sizeof target);
    JSValue result = length < 0 ? failed(ctx) : new_text(ctx, target, (size_t)length);
    release_text(ctx, &path);
    return result;
}

static FUNCTION(real_path) {
    (void)this_value, (void)argc;
    struct text path;
    char found[PATH_MAX];
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    const char *real = realpath(path.chars, found);
    JSValue result = real == NULL ? failed(ctx) : new_text(ctx, real, strlen(real));
    release_text(ctx, &path);
    return result;
}

static FUNCTION(exists) {
    (void)this_value, (void)argc;
    struct text path;
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    int found = access(path.chars, F_OK) == 0;
    release_text(ctx, &path);
    return JS_NewBool(ctx, found);
}

static FUNCTION(unlink_path) {
    (void)this_value, (void)argc;
    struct text path;
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    JSValue result = unlink(path.chars) < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
    release_text(ctx, &path);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("open", 2, open_file),       JS_CFUNC_DEF("close", 1, close_file),
    JS_CFUNC_DEF("readText", 4, read_text),   JS_CFUNC_DEF("readInto", 3, read_into),
    JS_CFUNC_DEF("list", 1, list_folder),     JS_CFUNC_DEF("readLink", 1, read_link),
    JS_CFUNC_DEF("realPath", 1, real_path),   JS_CFUNC_DEF("exists", 1, exists),
    JS_CFUNC_DEF("unlink", 1, unlink_path),
    JS_PROP_INT32_DEF("O_DIRECTORY", O_DIRECTORY, JS_PROP_ENUMERABLE),
    JS_PROP_INT32_DEF("O_NOFOLLOW", O_NOFOLLOW, JS_PROP_ENUMERABLE),
};

void add_files(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

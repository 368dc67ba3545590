/* What changes files and folders, and the facts of them: mkdir(2), rename(2), fsync(2), chown(2). */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "native.h"

/* [type bits of the mode, permission bits, user, group, bytes, modified in ms, which file it is] */
static JSValue new_facts(JSContext *ctx, const struct stat *stats) {
    char identity[2 * 16 + 2];
    double facts[] = {
        stats->st_mode & S_IFMT,
        stats->st_mode & 07777,
        stats->st_uid,
        stats->st_gid,
        (double)stats->st_size,
        (double)stats->st_mtim.tv_sec * 1000 + (double)(stats->st_mtim.tv_nsec / 1000000),
    };
    /* As text: a number of JavaScript does not hold all inodes. */
    snprintf(identity, sizeof identity, "%llx-%llx", (unsigned long long)stats->st_dev,
             (unsigned long long)stats->st_ino);
    JSValue list = new_numbers(ctx, 6, facts);
    if (!JS_IsException(list)) JS_SetPropertyUint32(ctx, list, 6, JS_NewString(ctx, identity));
    return list;
}

/* Of an open descriptor, or of a path, without following a link in its last place. */
static FUNCTION(facts) {
    (void)this_value, (void)argc;
    struct text path;
    struct stat stats;
    int descriptor = -1;
    if (JS_IsNumber(argv[0])) {
        if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
        return fstat(descriptor, &stats) < 0 ? failed(ctx) : new_facts(ctx, &stats);
    }
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    JSValue result = lstat(path.chars, &stats) < 0 ? failed(ctx) : new_facts(ctx, &stats);
    release_text(ctx, &path);
    return result;
}

static JSValue done(JSContext *ctx, int result) {
    return result < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
}

static FUNCTION(make_folder) {
    (void)this_value, (void)argc;
    struct text path;
    int mode = 0;
    if (!take_int(ctx, argv[1], &mode) || !take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    JSValue result = done(ctx, mkdir(path.chars, (mode_t)mode));
    release_text(ctx, &path);
    return result;
}

static FUNCTION(rename_path) {
    (void)this_value, (void)argc;
    struct text from;
    struct text to;
    if (!take_name(ctx, argv[0], &from)) return JS_EXCEPTION;
    if (!take_name(ctx, argv[1], &to)) {
        release_text(ctx, &from);
        return JS_EXCEPTION;
    }
    JSValue result = done(ctx, rename(from.chars, to.chars));
    release_text(ctx, &from);
    release_text(ctx, &to);
    return result;
}

static FUNCTION(sync_open) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    return done(ctx, fsync(descriptor));
}

static FUNCTION(set_mode) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int mode = 0;
    if (!take_int(ctx, argv[0], &descriptor) || !take_int(ctx, argv[1], &mode)) {
        return JS_EXCEPTION;
    }
    return done(ctx, fchmod(descriptor, (mode_t)mode));
}

static FUNCTION(set_owner) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int64_t user = 0;
    int64_t group = 0;
    if (!take_int(ctx, argv[0], &descriptor) || !take_int64(ctx, argv[1], &user) ||
        !take_int64(ctx, argv[2], &group)) {
        return JS_EXCEPTION;
    }
    return done(ctx, fchown(descriptor, (uid_t)user, (gid_t)group));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("facts", 1, facts),         JS_CFUNC_DEF("makeFolder", 2, make_folder),
    JS_CFUNC_DEF("rename", 2, rename_path),  JS_CFUNC_DEF("sync", 1, sync_open),
    JS_CFUNC_DEF("setMode", 2, set_mode),    JS_CFUNC_DEF("setOwner", 3, set_owner),
};

void add_folders(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

/*
 * What the agent asks of Linux and its JavaScript engine does not bring: the C side of
 * src/platform/quickjs, which types every function in native.ts. A function that can fail for
 * reasons of the machine gives the errno as a negative number; only a bug in the caller throws.
 */
#ifndef NATIVE_H
#define NATIVE_H

#include <stddef.h>
#include <stdint.h>
#include <quickjs.h>

#define FUNCTION(name) \
    JSValue name(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)

/* A string argument as UTF-8, its lone surrogates replaced. Released by release_text(). */
struct text {
    const char *chars;
    size_t length;
    char *copy;
};

/* False where JavaScript has an exception now, as from all of these. */
int take_text(JSContext *ctx, JSValueConst value, struct text *text);
/* The same for a path or name: a NUL in it gives an empty one, which no system call accepts. */
int take_name(JSContext *ctx, JSValueConst value, struct text *text);
void release_text(JSContext *ctx, struct text *text);

int take_int(JSContext *ctx, JSValueConst value, int *number);
int take_int64(JSContext *ctx, JSValueConst value, int64_t *number);
/* The memory of a Uint8Array; valid as long as the value is. */
uint8_t *take_bytes(JSContext *ctx, JSValueConst value, size_t *length);

JSValue new_text(JSContext *ctx, const void *utf8, size_t length);
JSValue new_bytes(JSContext *ctx, const void *bytes, size_t length);
JSValue new_numbers(JSContext *ctx, int count, const double *numbers);
JSValue failed(JSContext *ctx);

/* Each file's functions as properties of the global object `native`. */
void add_aside(JSContext *ctx, JSValueConst native);
void add_files(JSContext *ctx, JSValueConst native);
void add_folders(JSContext *ctx, JSValueConst native);
void add_crypto(JSContext *ctx, JSValueConst native);
void add_loop(JSContext *ctx, JSValueConst native);
void add_machine(JSContext *ctx, JSValueConst native);
void add_processes(JSContext *ctx, JSValueConst native);
void add_sockets(JSContext *ctx, JSValueConst native);
void add_text(JSContext *ctx, JSValueConst native);
void add_unpacking(JSContext *ctx, JSValueConst native);
/* Only where BearSSL is linked in. */
void add_tls(JSContext *ctx, JSValueConst native);

#define ADD(list) \
    JS_SetPropertyFunctionList(ctx, native, list, (int)(sizeof(list) / sizeof((list)[0])))

/* An engine that never has more memory than this. */
JSRuntime *new_runtime(size_t most_bytes);
/* What the engine has of it; 0 where that is not counted. */
size_t heap_bytes(void);
/* How much more it had, at most, since memory was last given back. */
size_t idle_bytes(void);
/* Memory that is free at the moment, to the kernel. */
void give_back(void);

/* Runs until the program calls native.exit(). */
void run_loop(JSContext *ctx);
/* Says what JavaScript has thrown, and ends: a bug leaves a line and an exit code. */
_Noreturn void end_by_exception(JSContext *ctx);

#endif

/*
 * A tool of the build: bytecode <bundle.mjs> <out>. Compiles the bundle to the engine's bytecode,
 * without its source and its table of lines, which would be a tenth of the binary and stay in memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <quickjs.h>

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *content = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        /* The parser wants a NUL behind it. */
        content = size < 0 ? NULL : calloc(1, (size_t)size + 1);
        *length = content == NULL ? 0 : fread(content, 1, (size_t)size, file);
    }
    fclose(file);
    return content;
}

static int fail(const char *what) {
    fprintf(stderr, "bytecode: %s\n", what);
    return 1;
}

int main(int argc, char **argv) {
    size_t length = 0;
    size_t size = 0;
    char *source = argc == 3 ? read_file(argv[1], &length) : NULL;
    if (source == NULL) return fail("cannot read the bundle");
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *ctx = JS_NewContext(runtime);
    JS_SetStripInfo(runtime, JS_STRIP_DEBUG);
    int flags = JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY;
    JSValue module = JS_Eval(ctx, source, length, "guest-agent.mjs", flags);
    if (JS_IsException(module)) {
        JSValue exception = JS_GetException(ctx);
        const char *message = JS_ToCString(ctx, exception);
        return fail(message == NULL ? "cannot compile" : message);
    }
    uint8_t *bytes = JS_WriteObject(ctx, &size, module, JS_WRITE_OBJ_BYTECODE);
    FILE *out = bytes == NULL ? NULL : fopen(argv[2], "wb");
    if (out == NULL) return fail("cannot write");
    int ok = fwrite(bytes, 1, size, out) == size;
    if (fclose(out) != 0 || !ok) return fail("cannot write");
    js_free(ctx, bytes);
    JS_FreeValue(ctx, module);
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
    free(source);
    return 0;
}

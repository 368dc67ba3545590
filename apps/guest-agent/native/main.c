/* The program: an engine with the language and nothing else, the agent's bytecode, the loop. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "native.h"

extern char **environ;

/* The bundle as bytecode.c has compiled it, put into the program by the assembler. */
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".global agent_bytecode\nagent_bytecode:\n.incbin \"" BYTECODE "\"\n"
    ".global agent_bytecode_end\nagent_bytecode_end:\n"
    ".previous\n");
extern const uint8_t agent_bytecode[];
extern const uint8_t agent_bytecode_end[];

/* Of the 8 MB that a thread of Linux has; deeper recursion is an exception, not a crash. */
static const size_t STACK_BYTES = 1024 * 1024;
/* An agent that has this much is wrong, and an exception ends one request only. */
static const size_t MOST_BYTES = 256 * 1024 * 1024;

/* No eval and no Function: what is not in the bytecode cannot run. */
static JSContext *new_context(JSRuntime *runtime) {
    JSContext *ctx = JS_NewContextRaw(runtime);
    if (ctx == NULL) return NULL;
    JS_AddIntrinsicBaseObjects(ctx);
    JS_AddIntrinsicDate(ctx);
    JS_AddIntrinsicRegExp(ctx);
    JS_AddIntrinsicRegExpCompiler(ctx);
    JS_AddIntrinsicJSON(ctx);
    JS_AddIntrinsicMapSet(ctx);
    JS_AddIntrinsicTypedArrays(ctx);
    JS_AddIntrinsicPromise(ctx);
    JS_AddIntrinsicWeakRef(ctx);
    return ctx;
}

static JSValue new_list(JSContext *ctx, char *const *words) {
    JSValue list = JS_NewArray(ctx);
    for (uint32_t index = 0; words[index] != NULL && !JS_IsException(list); index += 1) {
        JSValue word = new_text(ctx, words[index], strlen(words[index]));
        JS_SetPropertyUint32(ctx, list, index, word);
    }
    return list;
}

static void add_native(JSContext *ctx, char *const *arguments) {
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue native = JS_NewObject(ctx);
    add_text(ctx, native);
    add_unpacking(ctx, native);
    add_files(ctx, native);
    add_folders(ctx, native);
    add_aside(ctx, native);
    add_sockets(ctx, native);
    add_processes(ctx, native);
    add_crypto(ctx, native);
    add_machine(ctx, native);
    add_loop(ctx, native);
#ifdef WITH_TLS
    add_tls(ctx, native);
#endif
    JS_SetPropertyStr(ctx, native, "arguments", new_list(ctx, arguments));
    JS_SetPropertyStr(ctx, native, "environment", new_list(ctx, environ));
    JS_SetPropertyStr(ctx, global, "native", native);
    JS_FreeValue(ctx, global);
}

static void run_bytecode(JSContext *ctx) {
    size_t size = (size_t)(agent_bytecode_end - agent_bytecode);
    JSValue module = JS_ReadObject(ctx, agent_bytecode, size, JS_READ_OBJ_BYTECODE);
    /* What was read is in the heap now; the pages of the file need not stay as well. */
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)agent_bytecode + page - 1) & ~(page - 1);
    uintptr_t to = (uintptr_t)agent_bytecode_end & ~(page - 1);
    if (to > from) madvise((void *)from, to - from, MADV_DONTNEED);
    if (JS_IsException(module) || JS_ResolveModule(ctx, module) < 0) end_by_exception(ctx);
    JSValue result = JS_EvalFunction(ctx, module);
    if (JS_IsException(result)) end_by_exception(ctx);
    JS_FreeValue(ctx, result);
}

#ifndef SYSTEM_MALLOC

extern const uint8_t __ehdr_start[];
extern const uint8_t _end[];

/* Where a machine has no memory left, the kernel takes pages of programs and reads them again for each
 * line of them: an agent then answers late or never. So what it has used of itself stays. Where it may
 * not (RLIMIT_MEMLOCK, an old kernel), it is as other programs are. */
static void keep_program(void) {
    mlock2(__ehdr_start, (size_t)(_end - __ehdr_start), MLOCK_ONFAULT);
}

/* Only what signal-safety(7) allows. The signal then ends the program as if nobody had looked. */
static void tell_crash(int signo) {
    char line[] = "guest-agent: crashed by signal 00, a bug of the native agent\n";
    char *number = strchr(line, '0');
    number[0] = (char)('0' + signo / 10 % 10);
    number[1] = (char)('0' + signo % 10);
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    raise(signo);
}

/* On a stack of its own: the usual one may be what has run out. Sanitizers have handlers themselves. */
static void watch_crashes(void) {
    static uint8_t stack[16 * 1024];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = tell_crash,
                               .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER)};
    sigaltstack(&own, NULL);
    for (size_t at = 0; at < sizeof signals / sizeof *signals; at += 1) {
        sigaction(signals[at], &action, NULL);
    }
}

#else

static void keep_program(void) {
}

static void watch_crashes(void) {
}

#endif

int main(int argc, char **argv) {
    /* A peer that is gone is an error of write(2). */
    signal(SIGPIPE, SIG_IGN);
    watch_crashes();
    JSRuntime *runtime = new_runtime(MOST_BYTES);
    JSContext *ctx = runtime == NULL ? NULL : new_context(runtime);
    if (ctx == NULL) {
        fputs("guest-agent: no memory to start\n", stderr);
        return 1;
    }
    JS_SetMaxStackSize(runtime, STACK_BYTES);
    add_native(ctx, argv + (argc > 0 ? 1 : 0));
    run_bytecode(ctx);
    keep_program();
    run_loop(ctx);
}

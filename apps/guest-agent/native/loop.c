/*
 * The event loop: epoll(7) and one timer. QuickJS brings a loop of its own on select(2), which goes
 * through all descriptors at each turn and fails from descriptor 1,024 on; this one costs the same
 * with one connection and with hundreds, and leaves the engine's std and os modules out.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "native.h"

#define EVENTS_AT_ONCE 64

/* More often, and pages that each scrape uses would be taken and given each time. */
static const double GIVE_BACK_MS = 10e3;
/* A burst that is over has left more than scrapes use. */
static const size_t MUCH_IDLE = 2 * 1024 * 1024;
static const double GIVE_BACK_MUCH_MS = 1e3;
/* Closures and promises that hold each other are garbage of which the engine knows only when it looks
 * for it: by itself when its memory has grown by half, here between two turns and sooner. */
static const size_t MOST_GARBAGE = 256 * 1024;

static int epoll = -1;
/* What children print has so much of each turn, and at least one read. */
static const double ASIDE_MS = 1;

/* Called with (descriptor, events), when the time has come, and for what came last in a turn. */
static JSValue on_ready;
static JSValue on_due;
static JSValue on_aside;
/* Milliseconds of the monotonic clock; infinite where nothing is due. */
static double due_ms = INFINITY;

static double monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

_Noreturn void end_by_exception(JSContext *ctx) {
    JSValue exception = JS_GetException(ctx);
    JSValue stack = JS_GetPropertyStr(ctx, exception, "stack");
    const char *what = JS_ToCString(ctx, exception);
    const char *where = JS_IsString(stack) ? JS_ToCString(ctx, stack) : NULL;
    fprintf(stderr, "guest-agent: a bug: %s\n%s", what == NULL ? "?" : what,
            where == NULL ? "" : where);
    exit(1);
}

/* A rejection that nobody has looked at when the turn is over is a bug, as on Node. */
static JSValue unhandled;
static void *unhandled_promise;

static void on_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, JS_BOOL handled,
                         void *opaque) {
    (void)opaque;
    void *identity = JS_VALUE_GET_PTR(promise);
    if (handled && identity == unhandled_promise) {
        JS_FreeValue(ctx, unhandled);
        unhandled = JS_UNDEFINED;
        unhandled_promise = NULL;
    } else if (!handled && unhandled_promise == NULL) {
        unhandled = JS_DupValue(ctx, reason);
        unhandled_promise = identity;
    }
}

/* Everything that promises have made ready. */
static void finish_turn(JSContext *ctx) {
    JSContext *failing = NULL;
    for (;;) {
        int outcome = JS_ExecutePendingJob(JS_GetRuntime(ctx), &failing);
        if (outcome < 0) end_by_exception(failing);
        if (outcome == 0) break;
    }
    if (unhandled_promise != NULL) {
        JS_Throw(ctx, unhandled);
        end_by_exception(ctx);
    }
}

/* Whether it has returned something that is true. */
static int call(JSContext *ctx, JSValueConst function, int argc, JSValueConst *argv) {
    JSValue result = JS_Call(ctx, function, JS_UNDEFINED, argc, argv);
    if (JS_IsException(result)) end_by_exception(ctx);
    int is_true = JS_ToBool(ctx, result);
    JS_FreeValue(ctx, result);
    finish_turn(ctx);
    return is_true;
}

/* One after the other, each told what the last one took with all that followed from it. */
static void call_aside(JSContext *ctx) {
    static double took_ms;
    double began_ms = monotonic_ms();
    double last_ms = began_ms;
    int is_more = 1;
    while (is_more && last_ms - began_ms < ASIDE_MS) {
        JSValue took = JS_NewFloat64(ctx, took_ms);
        is_more = call(ctx, on_aside, 1, &took);
        double now_ms = monotonic_ms();
        took_ms = now_ms - last_ms;
        last_ms = now_ms;
    }
}

/* What was used since memory was last given back. */
static int is_untidy = 1;
static double given_back_ms;

static double pause_ms(void) {
    return idle_bytes() > MUCH_IDLE ? GIVE_BACK_MUCH_MS : GIVE_BACK_MS;
}

static void tidy(JSContext *ctx) {
    static size_t left;
    double now_ms = monotonic_ms();
    int is_time = is_untidy && now_ms - given_back_ms > pause_ms();
    if (is_time || heap_bytes() > left + MOST_GARBAGE) {
        JS_RunGC(JS_GetRuntime(ctx));
        left = heap_bytes();
    }
    if (!is_time) return;
    give_back();
    given_back_ms = now_ms;
    is_untidy = 0;
}

static int wait_ms(void) {
    double until_ms = due_ms;
    double tidy_ms = given_back_ms + pause_ms() + 1;
    if (is_untidy && tidy_ms < until_ms) until_ms = tidy_ms;
    if (isinf(until_ms)) return -1;
    double left_ms = ceil(until_ms - monotonic_ms());
    return left_ms <= 0 ? 0 : left_ms > 60e3 ? 60000 : (int)left_ms;
}

void run_loop(JSContext *ctx) {
    struct epoll_event events[EVENTS_AT_ONCE];
    given_back_ms = monotonic_ms();
    finish_turn(ctx);
    for (;;) {
        tidy(ctx);
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, wait_ms());
        if (count > 0) is_untidy = 1;
        for (int index = 0; index < count; index += 1) {
            JSValue arguments[] = {JS_NewInt32(ctx, events[index].data.fd),
                                   JS_NewInt32(ctx, (int32_t)events[index].events)};
            call(ctx, on_ready, 2, arguments);
        }
        if (monotonic_ms() >= due_ms) {
            is_untidy = 1;
            call(ctx, on_due, 0, NULL);
        }
        if (count > 0) call_aside(ctx);
    }
}

/* handle(ready, due, aside) */
static FUNCTION(set_handlers) {
    (void)this_value, (void)argc;
    on_ready = JS_DupValue(ctx, argv[0]);
    on_due = JS_DupValue(ctx, argv[1]);
    on_aside = JS_DupValue(ctx, argv[2]);
    return JS_UNDEFINED;
}

/* watch(descriptor, events), 0 for none: 0, or why it cannot be watched. */
static FUNCTION(watch) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int events = 0;
    if (!take_int(ctx, argv[0], &descriptor) || !take_int(ctx, argv[1], &events)) {
        return JS_EXCEPTION;
    }
    struct epoll_event event = {.events = (uint32_t)events, .data.fd = descriptor};
    int outcome = epoll_ctl(epoll, events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, descriptor, &event);
    if (outcome < 0 && errno == ENOENT) {
        outcome = events == 0 ? 0 : epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
    }
    return outcome < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
}

static FUNCTION(set_due) {
    (void)this_value, (void)argc;
    double due = 0;
    if (JS_ToFloat64(ctx, &due, argv[0]) != 0) return JS_EXCEPTION;
    due_ms = due;
    return JS_UNDEFINED;
}

static FUNCTION(monotonic) {
    (void)this_value, (void)argc, (void)argv;
    return JS_NewFloat64(ctx, monotonic_ms());
}

/* A descriptor that is readable when a signal has come that nextSignal() tells. */
static FUNCTION(signals) {
    (void)this_value, (void)argc, (void)argv;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return descriptor < 0 ? failed(ctx) : JS_NewInt32(ctx, descriptor);
}

/* The number of the next signal; 0 where there is no other. */
static FUNCTION(next_signal) {
    (void)this_value, (void)argc;
    struct signalfd_siginfo information;
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    ssize_t count = read(descriptor, &information, sizeof information);
    int signo = count == (ssize_t)sizeof information ? (int)information.ssi_signo : 0;
    return JS_NewInt32(ctx, signo);
}

static FUNCTION(end) {
    (void)this_value, (void)argc;
    int code = 0;
    if (!take_int(ctx, argv[0], &code)) return JS_EXCEPTION;
    exit(code);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("handle", 3, set_handlers), JS_CFUNC_DEF("watch", 2, watch),
    JS_CFUNC_DEF("setDue", 1, set_due),      JS_CFUNC_DEF("monotonicMs", 0, monotonic),
    JS_CFUNC_DEF("signals", 0, signals),     JS_CFUNC_DEF("nextSignal", 1, next_signal),
    JS_CFUNC_DEF("exit", 1, end),
};

void add_loop(JSContext *ctx, JSValueConst native) {
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        perror("guest-agent: epoll_create1");
        exit(1);
    }
    JS_SetHostPromiseRejectionTracker(JS_GetRuntime(ctx), on_rejection, NULL);
    ADD(functions);
}

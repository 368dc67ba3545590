/*
 * statfs(2), at once or aside. A dead network mount holds whoever asks for as long as its server is
 * away, so that question gets a thread of its own, which may stay for ever; answers come by a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "native.h"

struct space {
    double number;
    double problem;
    double values[6];
};

struct question {
    double number;
    char path[];
};

/* A thread needs a page or two; the sanitizers want more. */
static const size_t STACK_BYTES = 64 * 1024;

static int answers[2] = {-1, -1};

static void ask(const char *path, struct space *space) {
    struct statfs found;
    space->problem = statfs(path, &found) < 0 ? errno : 0;
    if (space->problem != 0) return;
    double values[] = {(double)found.f_bsize,  (double)found.f_blocks, (double)found.f_bfree,
                       (double)found.f_bavail, (double)found.f_files,  (double)found.f_ffree};
    memcpy(space->values, values, sizeof values);
}

static void *ask_aside(void *opaque) {
    struct question *question = opaque;
    struct space space = {.number = question->number};
    ask(question->path, &space);
    free(question);
    /* Shorter than PIPE_BUF, hence whole or not at all (pipe(7)). */
    while (write(answers[1], &space, sizeof space) < 0 && errno == EINTR) {
    }
    return NULL;
}

/* [block size, blocks, free, available, files, free files] */
static FUNCTION(statfs_path) {
    (void)this_value, (void)argc;
    struct text path;
    struct space space = {0};
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    ask(path.chars, &space);
    release_text(ctx, &path);
    if (space.problem != 0) return JS_NewFloat64(ctx, -space.problem);
    return new_numbers(ctx, 6, space.values);
}

/* The descriptor that is readable when there are answers. */
static FUNCTION(aside_answers) {
    (void)this_value, (void)argc, (void)argv;
    if (answers[0] < 0 && pipe2(answers, O_CLOEXEC) < 0) return failed(ctx);
    fcntl(answers[0], F_SETFL, O_NONBLOCK);
    return JS_NewInt32(ctx, answers[0]);
}

/* statfsAside(path, number): 0, or why it cannot be asked. */
static FUNCTION(statfs_aside) {
    (void)this_value, (void)argc;
    struct text path;
    int number = 0;
    if (!take_int(ctx, argv[1], &number) || !take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    struct question *question = malloc(sizeof *question + path.length + 1);
    if (question != NULL) {
        question->number = number;
        memcpy(question->path, path.chars, path.length + 1);
    }
    release_text(ctx, &path);
    if (question == NULL) return JS_NewInt32(ctx, -ENOMEM);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int problem = pthread_create(&thread, &attributes, ask_aside, question);
    pthread_attr_destroy(&attributes);
    if (problem != 0) free(question);
    return JS_NewInt32(ctx, -problem);
}

/* [number, errno or 0, and the six of statfs], or undefined where there is no other answer. */
static FUNCTION(read_answer) {
    (void)this_value, (void)argc, (void)argv;
    struct space space;
    if (read(answers[0], &space, sizeof space) != (ssize_t)sizeof space) return JS_UNDEFINED;
    double numbers[8] = {space.number, space.problem};
    memcpy(numbers + 2, space.values, sizeof space.values);
    return new_numbers(ctx, 8, numbers);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("statfs", 1, statfs_path),
    JS_CFUNC_DEF("statfsAside", 2, statfs_aside),
    JS_CFUNC_DEF("asideAnswers", 0, aside_answers),
    JS_CFUNC_DEF("readAsideAnswer", 0, read_answer),
};

void add_space(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

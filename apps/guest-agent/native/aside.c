/*
 * What may wait for a server that is away, for as long as it is: statfs(2) of a network mount, and
 * getaddrinfo(3). Each question gets a thread of its own, which may stay for ever; answers come by a
 * pipe.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "native.h"

enum { MOST_ADDRESSES = 8, NUMBERS = 6 };

struct answer {
    int number;
    int problem;
    double numbers[NUMBERS];
    int addresses;
    char address[MOST_ADDRESSES][INET6_ADDRSTRLEN];
};

struct question {
    int number;
    void (*ask)(const char *text, struct answer *answer);
    char text[];
};

/* The resolver has some ten kilobytes of buffers on it; the sanitizers want more. */
static const size_t STACK_BYTES = 128 * 1024;

static int answers[2] = {-1, -1};

static void ask_space(const char *path, struct answer *answer) {
    struct statfs found;
    answer->problem = statfs(path, &found) < 0 ? errno : 0;
    if (answer->problem != 0) return;
    const double numbers[NUMBERS] = {
        (double)found.f_bsize,  (double)found.f_blocks, (double)found.f_bfree,
        (double)found.f_bavail, (double)found.f_files,  (double)found.f_ffree};
    memcpy(answer->numbers, numbers, sizeof numbers);
}

static void ask_name(const char *name, struct answer *answer) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    if (getaddrinfo(name, NULL, &hints, &list) != 0) return;
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        const void *any = at->ai_addr;
        const struct sockaddr_in6 *v6 = any;
        const struct sockaddr_in *v4 = any;
        const void *bytes = at->ai_family == AF_INET6 ? (const void *)&v6->sin6_addr : &v4->sin_addr;
        char *text = answer->address[answer->addresses];
        if (inet_ntop(at->ai_family, bytes, text, INET6_ADDRSTRLEN) == NULL) continue;
        answer->addresses += 1;
        if (answer->addresses == MOST_ADDRESSES) break;
    }
    freeaddrinfo(list);
}

static void *ask_aside(void *opaque) {
    struct question *question = opaque;
    struct answer answer = {.number = question->number};
    question->ask(question->text, &answer);
    free(question);
    /* Shorter than PIPE_BUF, hence whole or not at all (pipe(7)). */
    while (write(answers[1], &answer, sizeof answer) < 0 && errno == EINTR) {
    }
    return NULL;
}

/* statfs(path): [block size, blocks, free, available, files, free files] */
static FUNCTION(statfs_path) {
    (void)this_value, (void)argc;
    struct text path;
    struct answer answer = {0};
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    ask_space(path.chars, &answer);
    release_text(ctx, &path);
    if (answer.problem != 0) return JS_NewInt32(ctx, -answer.problem);
    return new_numbers(ctx, NUMBERS, answer.numbers);
}

/* The descriptor that is readable when there are answers. */
static FUNCTION(aside_answers) {
    (void)this_value, (void)argc, (void)argv;
    if (answers[0] < 0 && pipe2(answers, O_CLOEXEC) < 0) return failed(ctx);
    fcntl(answers[0], F_SETFL, O_NONBLOCK);
    return JS_NewInt32(ctx, answers[0]);
}

/* askAside(text, number, whether it is a name): 0, or why it cannot be asked. */
static FUNCTION(ask) {
    (void)this_value, (void)argc;
    struct text text;
    int number = 0;
    if (!take_int(ctx, argv[1], &number) || !take_name(ctx, argv[0], &text)) return JS_EXCEPTION;
    struct question *question = malloc(sizeof *question + text.length + 1);
    if (question != NULL) {
        question->number = number;
        question->ask = JS_ToBool(ctx, argv[2]) ? ask_name : ask_space;
        memcpy(question->text, text.chars, text.length + 1);
    }
    release_text(ctx, &text);
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

/* [number, errno or 0, the six of statfs, address, …], or undefined where there is no other answer. */
static FUNCTION(read_answer) {
    (void)this_value, (void)argc, (void)argv;
    struct answer answer;
    if (read(answers[0], &answer, sizeof answer) != (ssize_t)sizeof answer) return JS_UNDEFINED;
    double numbers[2 + NUMBERS] = {answer.number, answer.problem};
    memcpy(numbers + 2, answer.numbers, sizeof answer.numbers);
    JSValue list = new_numbers(ctx, 2 + NUMBERS, numbers);
    for (int index = 0; index < answer.addresses && !JS_IsException(list); index += 1) {
        JSValue address = JS_NewString(ctx, answer.address[index]);
        JS_SetPropertyUint32(ctx, list, (uint32_t)(2 + NUMBERS + index), address);
    }
    return list;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("statfs", 1, statfs_path),
    JS_CFUNC_DEF("askAside", 3, ask),
    JS_CFUNC_DEF("asideAnswers", 0, aside_answers),
    JS_CFUNC_DEF("readAsideAnswer", 0, read_answer),
};

void add_aside(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

/*
 * Addresses of a name, getaddrinfo(3). A server that is away holds whoever asks for many seconds, so
 * each question gets a thread of its own; answers come by a pipe.
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
#include <unistd.h>
#include "native.h"

enum { MOST = 8 };

struct found {
    int number;
    int count;
    char addresses[MOST][INET6_ADDRSTRLEN];
};

struct question {
    int number;
    char name[];
};

/* The resolver has some ten kilobytes of buffers on it; the sanitizers want more. */
static const size_t STACK_BYTES = 128 * 1024;

static int answers[2] = {-1, -1};

static void look_up(const char *name, struct found *found) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    if (getaddrinfo(name, NULL, &hints, &list) != 0) return;
    for (const struct addrinfo *at = list; at != NULL && found->count < MOST; at = at->ai_next) {
        const void *any = at->ai_addr;
        const struct sockaddr_in6 *v6 = any;
        const struct sockaddr_in *v4 = any;
        const void *bytes = at->ai_family == AF_INET6 ? (const void *)&v6->sin6_addr : &v4->sin_addr;
        char *text = found->addresses[found->count];
        if (inet_ntop(at->ai_family, bytes, text, INET6_ADDRSTRLEN) != NULL) found->count += 1;
    }
    freeaddrinfo(list);
}

static void *look_up_aside(void *opaque) {
    struct question *question = opaque;
    struct found found = {.number = question->number};
    look_up(question->name, &found);
    free(question);
    /* Shorter than PIPE_BUF, hence whole or not at all (pipe(7)). */
    while (write(answers[1], &found, sizeof found) < 0 && errno == EINTR) {
    }
    return NULL;
}

/* The descriptor that is readable when there are answers. */
static FUNCTION(name_answers) {
    (void)this_value, (void)argc, (void)argv;
    if (answers[0] < 0 && pipe2(answers, O_CLOEXEC) < 0) return failed(ctx);
    fcntl(answers[0], F_SETFL, O_NONBLOCK);
    return JS_NewInt32(ctx, answers[0]);
}

/* lookUpAside(name, number): 0, or why it cannot be asked. */
static FUNCTION(look_up_name) {
    (void)this_value, (void)argc;
    struct text name;
    int number = 0;
    if (!take_int(ctx, argv[1], &number) || !take_name(ctx, argv[0], &name)) return JS_EXCEPTION;
    struct question *question = malloc(sizeof *question + name.length + 1);
    if (question != NULL) {
        question->number = number;
        memcpy(question->name, name.chars, name.length + 1);
    }
    release_text(ctx, &name);
    if (question == NULL) return JS_NewInt32(ctx, -ENOMEM);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int problem = pthread_create(&thread, &attributes, look_up_aside, question);
    pthread_attr_destroy(&attributes);
    if (problem != 0) free(question);
    return JS_NewInt32(ctx, -problem);
}

/* [number, address, …], or undefined where there is no other answer. */
static FUNCTION(read_name_answer) {
    (void)this_value, (void)argc, (void)argv;
    struct found found;
    if (read(answers[0], &found, sizeof found) != (ssize_t)sizeof found) return JS_UNDEFINED;
    JSValue list = JS_NewArray(ctx);
    JS_SetPropertyUint32(ctx, list, 0, JS_NewInt32(ctx, found.number));
    for (int index = 0; index < found.count; index += 1) {
        JSValue address = JS_NewString(ctx, found.addresses[index]);
        JS_SetPropertyUint32(ctx, list, (uint32_t)index + 1, address);
    }
    return list;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("lookUpAside", 2, look_up_name),
    JS_CFUNC_DEF("nameAnswers", 0, name_answers),
    JS_CFUNC_DEF("readNameAnswer", 0, read_name_answer),
};

void add_names(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

/* Stream sockets, tcp(7) and unix(7). None of them ever waits: loop.c tells when there is work. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "native.h"

struct address {
    struct sockaddr_storage storage;
    socklen_t length;
};

/* What one read takes; a client that sends more is asked again after others had their turn. */
static uint8_t received[64 * 1024];

static int keep_errno_and_close(int descriptor) {
    int problem = errno;
    close(descriptor);
    errno = problem;
    return -1;
}

/* 0, or the errno. A name is looked up only to listen there: that may wait for a server. */
static int find_tcp(const char *host, int port, int flags, struct address *address) {
    struct addrinfo hints = {.ai_flags = flags | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port & 0xffff);
    if (getaddrinfo(host, service, &hints, &found) != 0) return EADDRNOTAVAIL;
    memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
    address->length = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

static int find_unix(const struct text *path, struct address *address) {
    struct sockaddr_un *name = (struct sockaddr_un *)&address->storage;
    if (path->length == 0) return ENOENT;
    if (path->length >= sizeof name->sun_path) return ENAMETOOLONG;
    memset(name, 0, sizeof *name);
    name->sun_family = AF_UNIX;
    memcpy(name->sun_path, path->chars, path->length + 1);
    address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path->length + 1);
    return 0;
}

/* (host, port), or (path) alone. */
static JSValue take_address(JSContext *ctx, int argc, JSValueConst *argv, int flags,
                            struct address *address) {
    struct text name;
    int port = 0;
    if (argc > 1 && !take_int(ctx, argv[1], &port)) return JS_EXCEPTION;
    if (!take_name(ctx, argv[0], &name)) return JS_EXCEPTION;
    int problem = argc > 1 ? find_tcp(name.chars, port, flags, address) : find_unix(&name, address);
    release_text(ctx, &name);
    return problem == 0 ? JS_UNDEFINED : JS_NewInt32(ctx, -problem);
}

static int open_socket(const struct address *address) {
    int family = address->storage.ss_family;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && family != AF_UNIX) {
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return descriptor;
}

/* What waits beyond this is the kernel's to refuse. */
static const int BACKLOG = 128;

static int bind_and_listen(const struct address *address) {
    int descriptor = open_socket(address);
    if (descriptor < 0) return -1;
    int is_unix = address->storage.ss_family == AF_UNIX;
    int on = 1;
    if (!is_unix) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* Made with mode 0600 from the start: open to others for a moment would be a way around the
     * port's firewall rules. */
    mode_t mask = umask(0177);
    int bound = bind(descriptor, (const struct sockaddr *)&address->storage, address->length);
    int problem = errno;
    umask(mask);
    errno = problem;
    if (bound < 0 || listen(descriptor, BACKLOG) < 0) return keep_errno_and_close(descriptor);
    return descriptor;
}

static FUNCTION(listen_at) {
    (void)this_value;
    struct address address;
    JSValue problem = take_address(ctx, argc, argv, AI_PASSIVE, &address);
    if (!JS_IsUndefined(problem)) return problem;
    int descriptor = bind_and_listen(&address);
    return descriptor < 0 ? failed(ctx) : JS_NewInt32(ctx, descriptor);
}

/* Connected or about to be: it is writable when that is decided, and socketError() tells how. */
static FUNCTION(connect_to) {
    (void)this_value;
    struct address address;
    JSValue problem = take_address(ctx, argc, argv, AI_NUMERICHOST, &address);
    if (!JS_IsUndefined(problem)) return problem;
    int descriptor = open_socket(&address);
    if (descriptor < 0) return failed(ctx);
    int connected = connect(descriptor, (const struct sockaddr *)&address.storage, address.length);
    if (connected < 0 && errno != EINPROGRESS) {
        keep_errno_and_close(descriptor);
        return failed(ctx);
    }
    return JS_NewInt32(ctx, descriptor);
}

static FUNCTION(socket_error) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int problem = 0;
    socklen_t length = sizeof problem;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &length) < 0) return failed(ctx);
    return JS_NewInt32(ctx, -problem);
}

static FUNCTION(accept_one) {
    (void)this_value, (void)argc;
    int listener = -1;
    int on = 1;
    if (!take_int(ctx, argv[0], &listener)) return JS_EXCEPTION;
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return failed(ctx);
    /* A unix socket has no such option, and needs none. */
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return JS_NewInt32(ctx, descriptor);
}

/* The address of the other side as text, or undefined for a unix socket. */
static FUNCTION(peer_address) {
    (void)this_value, (void)argc;
    struct address address = {.length = sizeof address.storage};
    char text[INET6_ADDRSTRLEN];
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    struct sockaddr *name = (struct sockaddr *)&address.storage;
    if (getpeername(descriptor, name, &address.length) < 0) return failed(ctx);
    if (name->sa_family == AF_UNIX) return JS_UNDEFINED;
    const void *any = name;
    const struct sockaddr_in6 *v6 = any;
    const struct sockaddr_in *v4 = any;
    const void *bytes = name->sa_family == AF_INET6 ? (const void *)&v6->sin6_addr : &v4->sin_addr;
    if (inet_ntop(name->sa_family, bytes, text, sizeof text) == NULL) return failed(ctx);
    return JS_NewString(ctx, text);
}

/* The port of a listening socket, or undefined for a unix socket. */
static FUNCTION(local_port) {
    (void)this_value, (void)argc;
    struct address address = {.length = sizeof address.storage};
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    struct sockaddr *name = (struct sockaddr *)&address.storage;
    if (getsockname(descriptor, name, &address.length) < 0) return failed(ctx);
    if (name->sa_family == AF_UNIX) return JS_UNDEFINED;
    const void *any = name;
    const struct sockaddr_in6 *v6 = any;
    const struct sockaddr_in *v4 = any;
    return JS_NewInt32(ctx, ntohs(name->sa_family == AF_INET6 ? v6->sin6_port : v4->sin_port));
}

/* What has come on a socket or pipe, as bytes of their own; none at its end. */
static FUNCTION(receive) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int most = 0;
    if (!take_int(ctx, argv[0], &descriptor) || !take_int(ctx, argv[1], &most)) return JS_EXCEPTION;
    size_t size = most > 0 && (size_t)most < sizeof received ? (size_t)most : sizeof received;
    for (;;) {
        ssize_t count = read(descriptor, received, size);
        if (count >= 0) return new_bytes(ctx, received, (size_t)count);
        if (errno != EINTR) return failed(ctx);
    }
}

static ssize_t write_some(int descriptor, const void *bytes, size_t length) {
    for (;;) {
        ssize_t count = write(descriptor, bytes, length);
        if (count >= 0 || errno != EINTR) return count;
    }
}

/* write(descriptor, bytes, start): how many from `start` on the kernel has taken. */
static FUNCTION(write_data) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    int64_t start = 0;
    size_t length = 0;
    const uint8_t *bytes = take_bytes(ctx, argv[1], &length);
    if (bytes == NULL || !take_int(ctx, argv[0], &descriptor) ||
        !take_int64(ctx, argv[2], &start)) {
        return JS_EXCEPTION;
    }
    ssize_t count = -1;
    errno = EINVAL;
    if (start >= 0 && (uint64_t)start <= length) {
        count = write_some(descriptor, bytes + start, length - (size_t)start);
    }
    return count < 0 ? failed(ctx) : JS_NewInt64(ctx, count);
}

/* Says to the other side that nothing more will come. */
static FUNCTION(shut_down) {
    (void)this_value, (void)argc;
    int descriptor = -1;
    if (!take_int(ctx, argv[0], &descriptor)) return JS_EXCEPTION;
    return shutdown(descriptor, SHUT_WR) < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
}

/* notify(path, text): one datagram to the socket of a service manager, sd_notify(3). */
static FUNCTION(notify) {
    (void)this_value, (void)argc;
    struct text path;
    struct text text;
    struct address address;
    if (!take_name(ctx, argv[0], &path)) return JS_EXCEPTION;
    int problem = find_unix(&path, &address);
    /* An abstract name begins with a NUL and has none at its end (unix(7)). */
    if (problem == 0 && path.chars[0] == '@') {
        ((struct sockaddr_un *)&address.storage)->sun_path[0] = '\0';
        address.length -= 1;
    }
    release_text(ctx, &path);
    if (problem != 0) return JS_NewInt32(ctx, -problem);
    if (!take_text(ctx, argv[1], &text)) return JS_EXCEPTION;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ssize_t count = -1;
    if (descriptor >= 0) {
        count = sendto(descriptor, text.chars, text.length, 0,
                       (const struct sockaddr *)&address.storage, address.length);
        if (count < 0) {
            keep_errno_and_close(descriptor);
        } else {
            close(descriptor);
        }
    }
    JSValue result = count < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
    release_text(ctx, &text);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("listen", 1, listen_at),          JS_CFUNC_DEF("connect", 1, connect_to),
    JS_CFUNC_DEF("accept", 1, accept_one),         JS_CFUNC_DEF("socketError", 1, socket_error),
    JS_CFUNC_DEF("peerAddress", 1, peer_address),  JS_CFUNC_DEF("localPort", 1, local_port),
    JS_CFUNC_DEF("receive", 2, receive),           JS_CFUNC_DEF("write", 3, write_data),
    JS_CFUNC_DEF("shutdown", 1, shut_down),       JS_CFUNC_DEF("notify", 2, notify),
};

void add_sockets(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

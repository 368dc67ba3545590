/* What only system calls tell: uname(2), the zone, interface addresses, errors by name. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "native.h"

#define NAMED(name) {name, #name}

/* Those that files, sockets and processes give. */
static const struct {
    int number;
    const char *name;
} error_names[] = {
    NAMED(EPERM),        NAMED(ENOENT),       NAMED(ESRCH),        NAMED(EINTR),
    NAMED(EIO),          NAMED(ENXIO),        NAMED(E2BIG),        NAMED(ENOEXEC),
    NAMED(EBADF),        NAMED(ECHILD),       NAMED(EAGAIN),       NAMED(ENOMEM),
    NAMED(EACCES),       NAMED(EFAULT),       NAMED(EBUSY),        NAMED(EEXIST),
    NAMED(EXDEV),        NAMED(ENODEV),       NAMED(ENOTDIR),      NAMED(EISDIR),
    NAMED(EINVAL),       NAMED(ENFILE),       NAMED(EMFILE),       NAMED(ENOTTY),
    NAMED(ETXTBSY),      NAMED(EFBIG),        NAMED(ENOSPC),       NAMED(ESPIPE),
    NAMED(EROFS),        NAMED(EMLINK),       NAMED(EPIPE),        NAMED(ENAMETOOLONG),
    NAMED(ENOSYS),       NAMED(ENOTEMPTY),    NAMED(ELOOP),        NAMED(EPROTO),
    NAMED(EOVERFLOW),    NAMED(ENOTSOCK),     NAMED(EOPNOTSUPP),   NAMED(EAFNOSUPPORT),
    NAMED(EADDRINUSE),   NAMED(EADDRNOTAVAIL), NAMED(ENETDOWN),    NAMED(ENETUNREACH),
    NAMED(ECONNABORTED), NAMED(ECONNRESET),   NAMED(ENOBUFS),      NAMED(EISCONN),
    NAMED(ENOTCONN),     NAMED(ETIMEDOUT),    NAMED(ECONNREFUSED), NAMED(EHOSTUNREACH),
    NAMED(EALREADY),     NAMED(EINPROGRESS),  NAMED(ESTALE),       NAMED(EDQUOT),
};

static FUNCTION(error_name) {
    (void)this_value, (void)argc;
    int number = 0;
    if (!take_int(ctx, argv[0], &number)) return JS_EXCEPTION;
    for (size_t index = 0; index < sizeof error_names / sizeof error_names[0]; index += 1) {
        if (error_names[index].number == number) return JS_NewString(ctx, error_names[index].name);
    }
    return JS_NewString(ctx, "EUNKNOWN");
}

static FUNCTION(error_text) {
    (void)this_value, (void)argc;
    int number = 0;
    if (!take_int(ctx, argv[0], &number)) return JS_EXCEPTION;
    return JS_NewString(ctx, strerror(number));
}

/* [architecture, bytes of a page, process, user], none of which change. */
static FUNCTION(machine) {
    (void)this_value, (void)argc, (void)argv;
    struct utsname names;
    const char *architecture = uname(&names) < 0 ? "" : names.machine;
    double numbers[] = {0, (double)sysconf(_SC_PAGESIZE), getpid(), geteuid()};
    JSValue list = new_numbers(ctx, 4, numbers);
    if (!JS_IsException(list)) JS_SetPropertyUint32(ctx, list, 0, JS_NewString(ctx, architecture));
    return list;
}

/* [abbreviation, seconds east of UTC], now: by TZ or /etc/localtime (tzset(3)). */
static FUNCTION(zone) {
    (void)this_value, (void)argc, (void)argv;
    time_t now = time(NULL);
    struct tm local;
    JSValue list = JS_NewArray(ctx);
    if (JS_IsException(list) || localtime_r(&now, &local) == NULL) return list;
    JS_SetPropertyUint32(ctx, list, 0, JS_NewString(ctx, local.tm_zone));
    JS_SetPropertyUint32(ctx, list, 1, JS_NewInt64(ctx, local.tm_gmtoff));
    return list;
}

static int prefix_length(const uint8_t *mask, size_t size) {
    int length = 0;
    for (size_t index = 0; index < size; index += 1) length += __builtin_popcount(mask[index]);
    return length;
}

/* Four entries of the list for each address: device, family, address, length of its prefix. */
static int add_address(JSContext *ctx, JSValueConst list, uint32_t *count,
                       const struct ifaddrs *entry) {
    char text[INET6_ADDRSTRLEN];
    int is_v6 = entry->ifa_addr->sa_family == AF_INET6;
    const void *name = entry->ifa_addr;
    const void *mask = entry->ifa_netmask;
    const uint8_t *bytes = is_v6 ? ((const struct sockaddr_in6 *)name)->sin6_addr.s6_addr
                                 : (const uint8_t *)&((const struct sockaddr_in *)name)->sin_addr;
    const uint8_t *mask_bytes =
        is_v6 ? ((const struct sockaddr_in6 *)mask)->sin6_addr.s6_addr
              : (const uint8_t *)&((const struct sockaddr_in *)mask)->sin_addr;
    if (inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text) == NULL) return 1;
    const char *device = entry->ifa_name;
    JSValue values[] = {new_text(ctx, device, strlen(device)),
                        JS_NewString(ctx, is_v6 ? "ipv6" : "ipv4"), JS_NewString(ctx, text),
                        JS_NewInt32(ctx, prefix_length(mask_bytes, is_v6 ? 16 : 4))};
    int ok = 1;
    for (int index = 0; index < 4; index += 1) {
        if (JS_SetPropertyUint32(ctx, list, (*count)++, values[index]) < 0) ok = 0;
    }
    return ok;
}

/* Of interfaces that are up and have a carrier, as libuv lists them. */
static FUNCTION(interface_addresses) {
    (void)this_value, (void)argc, (void)argv;
    struct ifaddrs *first = NULL;
    uint32_t count = 0;
    if (getifaddrs(&first) < 0) return failed(ctx);
    JSValue list = JS_NewArray(ctx);
    int ok = !JS_IsException(list);
    for (const struct ifaddrs *entry = first; entry != NULL && ok; entry = entry->ifa_next) {
        unsigned wanted = IFF_UP | IFF_RUNNING;
        if (entry->ifa_addr == NULL || entry->ifa_netmask == NULL) continue;
        if ((entry->ifa_flags & wanted) != wanted) continue;
        int family = entry->ifa_addr->sa_family;
        if (family == AF_INET || family == AF_INET6) ok = add_address(ctx, list, &count, entry);
    }
    freeifaddrs(first);
    if (ok) return list;
    JS_FreeValue(ctx, list);
    return JS_EXCEPTION;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("errorName", 1, error_name),
    JS_CFUNC_DEF("errorText", 1, error_text),
    JS_CFUNC_DEF("machine", 0, machine),
    JS_CFUNC_DEF("zone", 0, zone),
    JS_CFUNC_DEF("interfaceAddresses", 0, interface_addresses),
};

void add_machine(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

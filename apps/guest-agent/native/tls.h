/* What the files of TLS have in common. They are compiled only where BearSSL is linked in. */
#ifndef TLS_H
#define TLS_H

#include <bearssl.h>
#include "native.h"

#define TLS_CURVE (&br_ec_p256_m31)

enum {
    KEY_BYTES = 32,
    MOST_CERTIFICATE_BYTES = 4096,
    /* A client that comes again within so many others needs no signature; each takes 100 bytes. */
    KEPT_SESSIONS = 32,
};

/* Who the server is. */
struct identity {
    br_ec_private_key key;
    br_x509_certificate certificate;
    br_ssl_session_cache_lru cache;
    uint8_t scalar[KEY_BYTES];
    uint8_t kept[KEPT_SESSIONS * 100];
    uint8_t der[MOST_CERTIFICATE_BYTES];
};

/* Of an object that tlsIdentity() has given; NULL where it is another. */
struct identity *take_identity(JSContext *ctx, JSValueConst value);

void add_identity(JSContext *ctx, JSValueConst native);

#endif

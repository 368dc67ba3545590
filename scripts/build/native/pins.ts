/**
 * What the native binary is made of besides our own code, from Debian's pool of packages. To update
 * one, name its new file here with its SHA-256 (`apt-get source --download-only`, `sha256sum`); the
 * tests decide about the rest. docs/adr/0013 says when that has to be done.
 */

export interface Pin {
  /** Of the folder that it is unpacked into. */
  readonly name: string;
  /** Below `pool/main/` of a mirror. */
  readonly path: string;
  readonly sha256: string;
}

export const QUICKJS_VERSION = '2025-04-26';

export const PINS = {
  quickjs: {
    name: 'quickjs',
    path: 'q/quickjs/quickjs_2025.04.26.orig.tar.xz',
    sha256: 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe',
  },
  libsodium: {
    name: 'libsodium',
    path: 'libs/libsodium/libsodium_1.0.18.orig.tar.gz',
    sha256: 'd59323c6b712a1519a5daf710b68f5e7fde57040845ffec53850911f10a5d4f4',
  },
  zstd: {
    name: 'zstd',
    path: 'libz/libzstd/libzstd_1.5.7+dfsg.orig.tar.xz',
    sha256: '0c092ef267edce57ba7f3f2645c861f72eaf5e76273c6c3632869423464b90a5',
  },
  bearssl: {
    name: 'bearssl',
    path: 'b/bearssl/bearssl_0.6+dfsg.1.orig.tar.xz',
    sha256: '102a625bd8f6155260867a50c508df8d8c3f796985dd744df1a68e5cd1a79004',
  },
  musl: {
    name: 'musl',
    path: 'm/musl/musl-dev_1.2.5-3.1~deb13u1_amd64.deb',
    sha256: 'a3f7d47e452129bb65aae201d6c115abf4d5d3efb136b38b7c6b4fa03ec065e9',
  },
  muslArm64: {
    name: 'musl-arm64',
    path: 'm/musl/musl-dev_1.2.5-3.1~deb13u1_arm64.deb',
    sha256: '384ea029e3694baac696d3993d93246f9a4b3741c493697e1ceb7256d8820748',
  },
} satisfies Record<string, Pin>;

/*
 * As much of Firecracker's jailer as an observer notices: a folder of its own per VM, which becomes
 * the root of a mount namespace of its own, and a command line that names paths in there.
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/jailer.md
 *
 *   jailer --id ID --exec-file FILE --chroot-base-dir FOLDER -- arguments of Firecracker
 *
 * The executable must be there already, as FOLDER/firecracker/ID/root/firecracker.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_ARGUMENTS 64

static void check(int result, const char *what) {
  if (result != -1) return;
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  const char *id = "", *base = "/srv/jailer";
  int next = 1;
  for (; next + 1 < argc && strcmp(argv[next], "--") != 0; next += 2) {
    if (strcmp(argv[next], "--id") == 0) id = argv[next + 1];
    if (strcmp(argv[next], "--chroot-base-dir") == 0) base = argv[next + 1];
  }
  char root[4096];
  snprintf(root, sizeof root, "%s/firecracker/%s/root", base, id);

  check(unshare(CLONE_NEWNS), "unshare");
  check(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL), "mount /");
  check(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
  check(chdir(root), root);
  check(mkdir("old_root", 0700), "old_root");
  check((int)syscall(SYS_pivot_root, ".", "old_root"), "pivot_root");
  check(chdir("/"), "/");
  check(umount2("old_root", MNT_DETACH), "umount");
  check(rmdir("old_root"), "rmdir");

  mkdir("/dev", 0755);
  mkdir("/dev/net", 0755);
  if (access("/dev/net/tun", F_OK) == -1) check(mknod("/dev/net/tun", S_IFCHR | 0600, makedev(10, 200)), "tun");

  char *arguments[MAX_ARGUMENTS] = {"/firecracker", "--id", (char *)id};
  int count = 3;
  while (++next < argc && count < MAX_ARGUMENTS - 1) arguments[count++] = argv[next];
  execv(arguments[0], arguments);
  perror(arguments[0]);
  return 1;
}

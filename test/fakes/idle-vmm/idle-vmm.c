/*
 * A process that looks like a virtual machine monitor and does nothing, cheap enough to run hundreds
 * of: threads of the right names, memory that is resident, any command line. What it looks like is
 * told by the name of its file; how large, by the environment:
 *
 *   IDLE_VMM_VCPUS=4 IDLE_VMM_RESIDENT_MIB=16 qemu-system-x86_64 -name guest=…
 *
 * It ends when its parent does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define STACK_BYTES 65536

struct look {
  const char *executable;
  /* Besides the first thread, which is named after the executable. */
  const char *helper;
  const char *vcpu;
};

static const struct look looks[] = {
    {"firecracker", "fc_api", "fc_vcpu %d"},
    {"cloud-hypervisor", "http-server", "vcpu%d"},
    {NULL, "IO mon_iothread", "CPU %d/KVM"},
};

static int number(const char *variable, int otherwise) {
  const char *text = getenv(variable);
  return text ? atoi(text) : otherwise;
}

static void *run(void *unused) {
  for (;;) pause();
  return unused;
}

static void start(const char *format, int index) {
  char name[16];
  snprintf(name, sizeof name, format, index);
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  if (pthread_create(&thread, &attributes, run, NULL) != 0) abort();
  /* From outside, so that it has its name before anybody is told that all are there. */
  pthread_setname_np(thread, name);
}

int main(int argc, char **argv) {
  (void)argc;
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) return 0;

  const struct look *look = looks;
  while (look->executable && strcmp(program_invocation_short_name, look->executable) != 0) look++;
  size_t resident = (size_t)number("IDLE_VMM_RESIDENT_MIB", 4) << 20;
  char *memory = mmap(NULL, resident + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    perror(argv[0]);
    return 1;
  }
  memset(memory, 1, resident);
  start(look->helper, 0);
  for (int vcpu = 0; vcpu < number("IDLE_VMM_VCPUS", 2); vcpu++) start(look->vcpu, vcpu);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}

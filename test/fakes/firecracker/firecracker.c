/* The command line and the main thread. */
#include "stand-in.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Firecracker's own; FAKE_FIRECRACKER_FLUSH_MS makes it shorter. */
#define FLUSH_MS 60000

struct microvm microvm = {
    .id = "anonymous-instance",
    .api_socket = "/run/firecracker.socket",
    .vcpus = 1,
    .memory_mib = 128,
};

static const char *const flags[] = {"--no-seccomp", "--no-api", "--show-level", "--show-log-origin", "--boot-timer", "--enable-pci"};

static bool is_flag(const char *argument) {
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (strcmp(argument, flags[i]) == 0) return true;
  return false;
}

static int refuse(const char *argument, const char *why) {
  fprintf(stderr, "Arguments parsing error: %s: %s\n", argument, why);
  return 153;
}

static int start_timer(void) {
  const char *wanted = getenv("FAKE_FIRECRACKER_FLUSH_MS");
  long ms = wanted ? atol(wanted) : FLUSH_MS;
  struct timespec every = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  timerfd_settime(timer, 0, &(struct itimerspec){.it_interval = every, .it_value = every}, NULL);
  return timer;
}

static int run(void) {
  struct pollfd waiting[MAX_DEVICES + 2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = start_timer(), .events = POLLIN}};
  nfds_t count = 2 + microvm.interface_count;
  for (size_t i = 0; i < microvm.interface_count; i++)
    waiting[i + 2] = (struct pollfd){.fd = microvm.interfaces[i].fd, .events = POLLIN};
  for (;;) {
    if (poll(waiting, count, -1) < 0) continue;
    for (size_t i = 0; i < microvm.interface_count; i++)
      if (waiting[i + 2].revents) network_receive(&microvm.interfaces[i]);
    uint64_t expirations;
    if (waiting[1].revents && read(waiting[1].fd, &expirations, sizeof expirations) > 0 && microvm.started)
      metrics_flush_by_timer();
    /* Whoever started it is gone. */
    if (waiting[0].revents && !control_read()) return 0;
  }
}

int main(int argc, char **argv) {
  const char *config = NULL, *metrics = NULL;
  for (int i = 1; i < argc; i++) {
    char *name = argv[i], *value = argv[i + 1];
    /* What comes behind is for whoever wraps Firecracker. */
    if (strcmp(name, "--") == 0) break;
    if (strncmp(name, "--", 2) != 0) return refuse(name, "found argument that was not expected");
    if (is_flag(name)) continue;
    if (!value) return refuse(name, "requires a value");
    if (strcmp(name, "--id") == 0) snprintf(microvm.id, sizeof microvm.id, "%s", value);
    else if (strcmp(name, "--api-sock") == 0) snprintf(microvm.api_socket, sizeof microvm.api_socket, "%s", value);
    else if (strcmp(name, "--config-file") == 0) config = value;
    else if (strcmp(name, "--metrics-path") == 0) metrics = value;
    i++;
  }
  signal(SIGPIPE, SIG_IGN);

  char metrics_in_config[256] = "";
  if (config && !read_config(config, metrics_in_config, sizeof metrics_in_config)) return 152;
  if (!metrics && metrics_in_config[0]) metrics = metrics_in_config;
  metrics_build();
  if (metrics && !metrics_open(metrics)) {
    perror(metrics);
    return 1;
  }
  if (!network_open() || !api_start() || !vcpu_start()) return 1;
  microvm.started = config != NULL;
  if (microvm.started) metrics_flush_by_timer();
  puts("{\"ready\":true}");
  fflush(stdout);
  return run();
}

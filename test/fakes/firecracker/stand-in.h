/*
 * A stand-in for Firecracker, as its documentation and its observable behaviour have it: command
 * line, names of threads, API socket, metrics. It runs no guest and needs no KVM. Commands on
 * standard input say what the guest is meant to do; see control.c.
 */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_DEVICES 32

struct interface {
  char id[64];
  char tap[16];
  /* -1 where the config names no tap. */
  int fd;
};

/* What command line, config file and API have made of the microVM. */
struct microvm {
  char id[65];
  char api_socket[108];
  int vcpus;
  int memory_mib;
  size_t interface_count;
  struct interface interfaces[MAX_DEVICES];
  size_t drive_count;
  char drives[MAX_DEVICES][64];
  volatile bool started;
  volatile bool paused;
};

extern struct microvm microvm;

/* config.c: false and a message on standard error where the file is not as it has to be. */
bool read_config(const char *path, char *metrics_path, size_t size);
/* The string value behind a key, anywhere in a JSON text; NULL where there is none. */
const char *find_string(const char *json, const char *key, char *value, size_t size);

/* metrics.c */
bool metrics_open(const char *path);
/* After the devices are known. */
void metrics_build(void);
/* As `FlushMetrics` does; false where the line could not be written. */
bool metrics_flush(void);
/* As the timer does, which counts a line that could not be written. */
void metrics_flush_by_timer(void);
/* "net_eth0.rx_bytes_count"; false where there is no such counter. */
bool metrics_add(const char *key, uint64_t amount);
/* One line of JSON: for each counter that ever counted, what became of it. */
void metrics_print_truth(void);

/* api.c: the thread fc_api; false where the socket is in use. */
bool api_start(void);
void api_hang(bool hung);

/* network.c */
bool network_open(void);
/* Reads what the host has sent to the guest, as far as it has come. */
void network_receive(struct interface *interface);
bool network_send(const char *id, int frames, int bytes);

/* vcpu.c */
bool vcpu_start(void);
/* How much of each vCPU the guest uses while it is not paused. */
void vcpu_set_busy(int percent);

/* control.c: reads one command; false at the end of standard input. */
bool control_read(void);

#endif

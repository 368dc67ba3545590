/* The threads `fc_vcpu 0`, `fc_vcpu 1`, …, which work for a part of each 10 ms. */
#include "stand-in.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>

#define SLICE_NS 10000000

static volatile int busy_percent;

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static sem_t named;

static void *run(void *argument) {
  char name[24];
  snprintf(name, sizeof name, "fc_vcpu %d", (int)(intptr_t)argument);
  prctl(PR_SET_NAME, name);
  sem_post(&named);
  for (;;) {
    int64_t work = microvm.started && !microvm.paused ? (int64_t)busy_percent * SLICE_NS / 100 : 0;
    for (int64_t end = now_ns() + work; now_ns() < end;);
    struct timespec rest = {.tv_nsec = SLICE_NS - work};
    nanosleep(&rest, NULL);
  }
  return NULL;
}

void vcpu_set_busy(int percent) { busy_percent = percent < 0 ? 0 : percent > 99 ? 99 : percent; }

bool vcpu_start(void) {
  sem_init(&named, 0, 0);
  for (int vcpu = 0; vcpu < microvm.vcpus; vcpu++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, (void *)(intptr_t)vcpu) != 0) return false;
    /* Whoever is told that all are there finds them under their names. */
    sem_wait(&named);
    pthread_detach(thread);
  }
  return true;
}

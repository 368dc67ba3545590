/*
 * Metrics: one line of JSON per flush, counters as differences since the last one.
 *
 * Firecracker serializes straight into Rust's LineWriter over a file that is opened O_NONBLOCK, so
 * a pipe without room fails in the middle of a line: what was serialized before that counts as
 * told, up to 1,024 bytes stay in the buffer, and the next line that can be written follows them
 * without a line break. All of that happens here too.
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/metrics.md
 */
#include "stand-in.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "metric-names.h"

/* The capacity of a LineWriter that is not told another. */
#define BUFFER_BYTES 1024
#define MAX_METRICS 2048

struct metric {
  char object[80];
  char field[64];
  /* "min_us", "max_us" or "sum_us" of an aggregate of latencies; otherwise empty. */
  char part[8];
  /* Kept as it is from line to line, such as a time that something took. */
  bool is_stored;
  /* For the objects "net" and "block": the sum over all objects with this prefix. */
  const char *sum_of;
  uint64_t now, told;
  /* Of what this line, or the complete line that waits in the buffer, tells. */
  uint64_t in_line;
  /* What became of it: in a line of its own, in a line behind a fragment, in a fragment. */
  uint64_t whole, glued, lost;
};

static struct metric metrics[MAX_METRICS];
static size_t metric_count;
static int file = -1;
static char buffer[BUFFER_BYTES];
static size_t buffered;
/* A part of a line is in the file or in the buffer, and its line break will never come. */
static bool has_fragment;
/* The buffer ends with a line that is complete and could not be written yet. */
static bool holds_line;
static uint64_t flushes, failures;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct metric *append(const char *object, const char *field, const char *part) {
  if (metric_count == MAX_METRICS) abort();
  struct metric *metric = &metrics[metric_count++];
  snprintf(metric->object, sizeof metric->object, "%s", object);
  snprintf(metric->field, sizeof metric->field, "%s", field);
  snprintf(metric->part, sizeof metric->part, "%s", part);
  return metric;
}

static void build_object(const char *object, const char *fields, const char *sum_of) {
  char copy[4096], *rest = copy;
  snprintf(copy, sizeof copy, "%s", fields);
  for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
    size_t last = strlen(name) - 1;
    char mark = name[last];
    if (mark == '=' || mark == '/') name[last] = 0;
    if (mark == '/') {
      append(object, name, "min_us")->is_stored = true;
      append(object, name, "max_us")->is_stored = true;
      append(object, name, "sum_us")->sum_of = sum_of;
    } else {
      struct metric *metric = append(object, name, "");
      metric->is_stored = mark == '=';
      metric->sum_of = sum_of;
    }
  }
}

void metrics_build(void) {
  char name[80];
  for (const struct names *names = all_names; names->object; names++) {
    bool is_net = strcmp(names->object, "net") == 0, is_block = strcmp(names->object, "block") == 0;
    for (size_t i = 0; is_net && i < microvm.interface_count; i++) {
      snprintf(name, sizeof name, "net_%s", microvm.interfaces[i].id);
      build_object(name, names->fields, NULL);
    }
    for (size_t i = 0; is_block && i < microvm.drive_count; i++) {
      snprintf(name, sizeof name, "block_%s", microvm.drives[i]);
      build_object(name, names->fields, NULL);
    }
    build_object(names->object, names->fields, is_net ? "net_" : is_block ? "block_" : NULL);
  }
}

bool metrics_open(const char *path) {
  if (file != -1) return false;
  file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return file != -1;
}

/* Up to PIPE_BUF (4,096) bytes a pipe takes as a whole or not at all. */
static bool flush_buffer(void) {
  size_t done = 0;
  while (done < buffered) {
    ssize_t written = write(file, buffer + done, buffered - done);
    if (written < 0) {
      memmove(buffer, buffer + done, buffered -= done);
      return false;
    }
    done += (size_t)written;
  }
  buffered = 0;
  return true;
}

static bool put(const char *text) {
  size_t length = strlen(text);
  if (buffered + length >= BUFFER_BYTES && !flush_buffer()) return false;
  memcpy(buffer + buffered, text, length);
  buffered += length;
  return true;
}

static void settle_line(void) {
  for (struct metric *metric = metrics; metric < metrics + metric_count; metric++) {
    *(has_fragment ? &metric->glued : &metric->whole) += metric->in_line;
    metric->in_line = 0;
  }
  has_fragment = holds_line = false;
}

static bool lose_line(bool has_begun) {
  for (struct metric *metric = metrics; metric < metrics + metric_count; metric++) {
    metric->lost += metric->in_line;
    metric->in_line = 0;
  }
  has_fragment = has_fragment || has_begun;
  return false;
}

static uint64_t sum_over(const struct metric *sum) {
  uint64_t total = 0;
  for (const struct metric *metric = metrics; metric < metrics + metric_count; metric++) {
    if (strncmp(metric->object, sum->sum_of, strlen(sum->sum_of)) == 0 &&
        strcmp(metric->field, sum->field) == 0 && strcmp(metric->part, sum->part) == 0)
      total += metric->now - metric->told + metric->in_line;
  }
  return total;
}

static bool put_metric(struct metric *metric, const struct metric *previous) {
  char text[256], number[32];
  bool is_new = !previous || strcmp(previous->object, metric->object) != 0;
  bool is_part = metric->part[0] != 0, was_part = previous && previous->part[0] != 0;
  bool is_first_part = is_part && strcmp(metric->part, "min_us") == 0;
  snprintf(text, sizeof text, "%s%s%s%s%s%s", !is_new && was_part && (!is_part || is_first_part) ? "}" : "",
           is_new && was_part ? "}" : "", is_new ? (previous ? "}," : ",") : ",", is_new ? "\"" : "",
           is_new ? metric->object : "", is_new ? "\":{" : "");
  if (!put(text)) return false;
  snprintf(text, sizeof text, "\"%s\":%s", metric->field, is_part ? "{" : "");
  if ((!is_part || is_first_part) && !put(text)) return false;
  snprintf(text, sizeof text, "\"%s\":", metric->part);
  if (is_part && !put(text)) return false;

  uint64_t value = metric->sum_of ? sum_over(metric) : metric->is_stored ? metric->now : metric->now - metric->told;
  snprintf(number, sizeof number, "%" PRIu64, value);
  if (!put(number)) return false;
  if (!metric->is_stored && !metric->sum_of) {
    metric->told = metric->now;
    metric->in_line = value;
  }
  return true;
}

static bool write_line(void) {
  if (file == -1) return true;
  if (holds_line) {
    if (!flush_buffer()) return false;
    settle_line();
  }
  struct timespec time;
  char text[64];
  clock_gettime(CLOCK_REALTIME, &time);
  snprintf(text, sizeof text, "{\"utc_timestamp_ms\":%" PRId64, (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000);
  if (!put(text)) return lose_line(false);
  for (size_t i = 0; i < metric_count; i++)
    if (!put_metric(&metrics[i], i == 0 ? NULL : &metrics[i - 1])) return lose_line(true);
  if (!put("}}") || !put("\n")) return lose_line(true);
  holds_line = true;
  if (!flush_buffer()) return false;
  settle_line();
  return true;
}

static bool flush_locked(void) {
  bool written = write_line();
  flushes++;
  if (!written) failures++;
  return written;
}

bool metrics_flush(void) {
  pthread_mutex_lock(&lock);
  bool written = flush_locked();
  pthread_mutex_unlock(&lock);
  return written;
}

static struct metric *find(const char *key) {
  for (struct metric *metric = metrics; metric < metrics + metric_count; metric++) {
    size_t length = strlen(metric->object);
    if (metric->part[0] == 0 && strncmp(key, metric->object, length) == 0 && key[length] == '.' &&
        strcmp(key + length + 1, metric->field) == 0)
      return metric;
  }
  return NULL;
}

void metrics_flush_by_timer(void) {
  pthread_mutex_lock(&lock);
  struct metric *missed = find("logger.missed_metrics_count");
  if (!flush_locked() && missed) missed->now++;
  pthread_mutex_unlock(&lock);
}

bool metrics_add(const char *key, uint64_t amount) {
  pthread_mutex_lock(&lock);
  struct metric *metric = find(key);
  if (metric) metric->now += amount;
  pthread_mutex_unlock(&lock);
  return metric != NULL;
}

void metrics_print_truth(void) {
  pthread_mutex_lock(&lock);
  printf("{\"flushes\":%" PRIu64 ",\"failures\":%" PRIu64 ",\"counters\":{", flushes, failures);
  const char *separator = "";
  for (const struct metric *metric = metrics; metric < metrics + metric_count; metric++) {
    if (metric->part[0] || metric->is_stored || metric->sum_of || metric->now == 0) continue;
    printf("%s\"%s.%s\":{\"counted\":%" PRIu64 ",\"whole\":%" PRIu64 ",\"glued\":%" PRIu64 ",\"lost\":%" PRIu64 "}",
           separator, metric->object, metric->field, metric->now, metric->whole, metric->glued, metric->lost);
    separator = ",";
  }
  printf("}}\n");
  pthread_mutex_unlock(&lock);
}

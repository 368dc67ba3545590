/*
 * What a test wants, one command per line on standard input, each answered with one line of JSON:
 *
 *   add net_eth0.rx_bytes_count 1500    counts as if the guest had done it
 *   send eth0 3 100                     the guest sends 3 frames of 100 bytes
 *   busy 40                             each vCPU works 40 % of the time
 *   flush                               the timer fires
 *   hang | unhang                       the API takes connections and says nothing
 *   truth                               what was counted, and what became of it
 *   exit 1
 */
#include "stand-in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool run(const char *line) {
  char word[160];
  int first, second;
  uint64_t amount;
  if (sscanf(line, "add %159s %" SCNu64, word, &amount) == 2) return metrics_add(word, amount);
  if (sscanf(line, "send %159s %d %d", word, &first, &second) == 3) return network_send(word, first, second);
  if (sscanf(line, "busy %d", &first) == 1) return vcpu_set_busy(first), true;
  if (sscanf(line, "exit %d", &first) == 1) exit(first);
  if (strcmp(line, "flush") == 0) return metrics_flush_by_timer(), true;
  if (strcmp(line, "hang") == 0) return api_hang(true), true;
  if (strcmp(line, "unhang") == 0) return api_hang(false), true;
  return false;
}

bool control_read(void) {
  static char pending[4096];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, pending + length, sizeof pending - length - 1);
  if (got <= 0) return false;
  pending[length += (size_t)got] = 0;
  for (char *end; (end = strchr(pending, '\n'));) {
    *end = 0;
    if (strcmp(pending, "truth") == 0) metrics_print_truth();
    else puts(run(pending) ? "{\"ok\":true}" : "{\"ok\":false}");
    length -= (size_t)(end + 1 - pending);
    memmove(pending, end + 1, length + 1);
  }
  fflush(stdout);
  return true;
}

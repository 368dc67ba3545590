/*
 * A character device that carries bytes both ways, as a virtio-serial port does: one side of a
 * pseudo-terminal in raw mode. Says its path, then passes on what comes from standard input and from
 * the device.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int pass(int from, int to) {
  char bytes[65536];
  ssize_t length = read(from, bytes, sizeof bytes);
  for (ssize_t done = 0; done < length;) {
    ssize_t count = write(to, bytes + done, (size_t)(length - done));
    if (count < 0) return 0;
    done += count;
  }
  return length > 0;
}

int main(void) {
  int host = posix_openpt(O_RDWR | O_NOCTTY);
  if (host < 0 || grantpt(host) != 0 || unlockpt(host) != 0) return 1;
  const char *path = ptsname(host);
  /* Kept open, so that the device stays when the guest closes it. */
  int guest = open(path, O_RDWR | O_NOCTTY);
  struct termios raw;
  if (guest < 0 || tcgetattr(guest, &raw) != 0) return 1;
  cfmakeraw(&raw);
  if (tcsetattr(guest, TCSANOW, &raw) != 0) return 1;
  printf("%s\n", path);
  fflush(stdout);
  struct pollfd ends[] = {{.fd = 0, .events = POLLIN}, {.fd = host, .events = POLLIN}};
  while (poll(ends, 2, -1) > 0) {
    if (ends[0].revents != 0 && !pass(0, host)) return 0;
    if (ends[1].revents != 0 && !pass(host, 1)) return 0;
  }
  return 0;
}

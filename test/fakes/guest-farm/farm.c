/*
 * Many guest agents in one process: each guest has an address 127.77.x.y of its own, all share a
 * port. They answer /metrics as docs/protocol.md says: text, a whole sample, a compact one. Their
 * counters are functions of the time, so that nothing has to be kept for a guest.
 *
 *   farm GUESTS SILENT DRIP GARBAGE OLD PORT
 *
 * The first SILENT guests take a request and never answer; the next DRIP send a byte each 100 ms;
 * the next GARBAGE answer what is no sample. With OLD 1 all others are from before the compact
 * sample. Listens on loopback alone and prints the port, which is any free one for PORT 0. Ends with who started it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bodies.h"
#include "template.h"

enum { MAX_FDS = 65536, MAX_REQUEST = 2048, EVENTS = 512, A_NETWORK = 250 };
enum { DRIP_MS = 100, SCAN_MS = 10000 };

struct connection {
  unsigned guest;
  unsigned length;
  int drips;
  char request[MAX_REQUEST];
};

static struct connection *connections[MAX_FDS];
static unsigned guests, silent, drips, garbage, is_old;
static struct template *sample, *exposition;
static uint64_t started_ms;
static char body[65536], answer[65536 + 512];

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct moment moment_of(unsigned guest) {
  uint64_t taken_at = now_ms();
  /* They do not all look at their processes in the same second. */
  uint64_t since_scan = (taken_at + guest * 7919ull) % SCAN_MS;
  double uptime = (double)(taken_at - started_ms) / 1000 + 3600 + 17.0 * guest;
  return (struct moment){
    .guest = guest,
    .factor = 0.75 + guest * 7919u % 1000 / 2000.0,
    .uptime = uptime,
    .scan_uptime = uptime - (double)since_scan / 1000,
    .taken_at = taken_at,
    .scanned_at = taken_at - since_scan,
  };
}

static void hang_up(int fd) {
  free(connections[fd]);
  connections[fd] = NULL;
  close(fd);
}

static void send_all(int fd, const char *bytes, size_t length) {
  /* The reader waits for it and its buffer is empty: what does not fit now is a reader gone wrong. */
  if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) hang_up(fd);
}

static void reply(int fd, int status, const char *type, const char *header, size_t length) {
  char date[40];
  time_t seconds = (time_t)(now_ms() / 1000);
  struct tm utc;
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &utc));
  int head = snprintf(answer, 512,
    "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n",
    status, status == 200 ? "OK" : "Refused", date, type, length, header);
  memcpy(answer + head, body, length);
  send_all(fd, answer, (size_t)head + length);
}

static void reply_text(int fd, int status, const char *type, const char *text) {
  size_t length = strlen(text);
  memcpy(body, text, length);
  reply(fd, status, type, "", length);
}

static void reply_compact(int fd, const char *target, const struct moment *moment) {
  char id[48], header[80];
  /* All but the numbers is always the same: the top processes are no part of it. */
  snprintf(id, sizeof id, "%u-%llx", moment->guest, (unsigned long long)started_ms);
  const char *asked = strstr(target, "schema=");
  if (asked != NULL && strcmp(asked + 7, id) == 0) {
    size_t length = (size_t)sprintf(body, "[\"%s\"", id);
    length += fill_numbers(sample, moment, body + length);
    body[length++] = ']';
    reply(fd, 200, "application/vnd.innkeeper.sample+json", "", length);
    return;
  }
  snprintf(header, sizeof header, "Sample-Schema: %s\r\n", id);
  size_t length = fill_template(sample, moment, body);
  reply(fd, 200, "application/json; charset=utf-8", header, length);
}

static void reply_garbage(int fd, unsigned guest) {
  if (guest % 3 == 0) send_all(fd, "SSH-2.0-OpenSSH_9.2p1\r\n", 23);
  else if (guest % 3 == 1) reply_text(fd, 200, "application/json", "{\"vm_id\":[1,2,3]}");
  else reply_text(fd, 200, "application/json", "{\"vm_id\":null,\"boot_id\"\x01\xff");
}

static void serve(int fd, const char *target) {
  unsigned guest = connections[fd]->guest;
  if (guest < silent) return;
  if (guest < silent + drips) {
    connections[fd]->drips = 1;
    const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n";
    send_all(fd, head, sizeof head - 1);
    return;
  }
  if (guest < silent + drips + garbage) {
    reply_garbage(fd, guest);
    return;
  }
  struct moment moment = moment_of(guest);
  if (strncmp(target, "/metrics", 8) != 0) {
    reply_text(fd, 404, "application/json", "{\"error\":{\"code\":\"not_found\",\"message\":\"no such route\"}}");
  } else if (strstr(target, "format=compact") != NULL) {
    if (!is_old) reply_compact(fd, target, &moment);
    else reply_text(fd, 422, "application/json", "{\"error\":{\"code\":\"invalid\",\"message\":\"format\"}}");
  } else if (strstr(target, "format=json") != NULL) {
    reply(fd, 200, "application/json; charset=utf-8", "", fill_template(sample, &moment, body));
  } else {
    reply(fd, 200, "text/plain; version=0.0.4; charset=utf-8", "", fill_template(exposition, &moment, body));
  }
}

static void take(int fd) {
  struct connection *connection = connections[fd];
  size_t room = MAX_REQUEST - 1 - connection->length;
  ssize_t got = recv(fd, connection->request + connection->length, room, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    hang_up(fd);
    return;
  }
  connection->length += (unsigned)got;
  connection->request[connection->length] = 0;
  if (strstr(connection->request, "\r\n\r\n") == NULL) {
    if (connection->length == MAX_REQUEST - 1) hang_up(fd);
    return;
  }
  /* Nobody sends a request before the last one was answered. */
  connection->length = 0;
  char *target = strchr(connection->request, ' ');
  char *end = target == NULL ? NULL : strchr(target + 1, ' ');
  if (end == NULL) {
    hang_up(fd);
    return;
  }
  *end = 0;
  serve(fd, target + 1);
}

static void welcome(int epoll, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    getsockname(fd, (struct sockaddr *)&own, &size);
    uint32_t address = ntohl(own.sin_addr.s_addr);
    unsigned guest = (address >> 8 & 255) * A_NETWORK + (address & 255) - 1;
    int is_guest = address >> 16 == (127u << 8 | 77) && (address & 255) > 0 && guest < guests;
    struct connection *connection =
      is_guest && fd < MAX_FDS ? calloc(1, sizeof *connection) : NULL;
    if (connection == NULL) {
      close(fd);
      continue;
    }
    connection->guest = guest;
    connections[fd] = connection;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

static void drip(void) {
  for (int fd = 0; fd < MAX_FDS; fd++) {
    if (connections[fd] != NULL && connections[fd]->drips) send_all(fd, " ", 1);
  }
}

static int listen_on_loopback(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  socklen_t size = sizeof address;
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  /* One socket for all of 127/8, which is bound to every address: the device keeps others out. */
  if (setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) != 0 ||
      bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 4096) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("farm: cannot listen");
    exit(1);
  }
  printf("%u\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int count, char **arguments) {
  if (count != 7) {
    fprintf(stderr, "farm GUESTS SILENT DRIP GARBAGE OLD PORT\n");
    return 2;
  }
  guests = (unsigned)atoi(arguments[1]);
  silent = (unsigned)atoi(arguments[2]);
  drips = (unsigned)atoi(arguments[3]);
  garbage = (unsigned)atoi(arguments[4]);
  is_old = (unsigned)atoi(arguments[5]);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  started_ms = now_ms();
  sample = parse_template(SAMPLE);
  exposition = parse_template(EXPOSITION);

  int listener = listen_on_loopback(atoi(arguments[6]));
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  static struct epoll_event events[EVENTS];
  uint64_t dripped_ms = 0;
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, drips > 0 ? DRIP_MS : -1);
    for (int index = 0; index < ready; index++) {
      int fd = events[index].data.fd;
      if (fd == listener) welcome(epoll, listener);
      else if (connections[fd] != NULL) take(fd);
    }
    if (drips > 0 && now_ms() - dripped_ms >= DRIP_MS) {
      dripped_ms = now_ms();
      drip();
    }
  }
}

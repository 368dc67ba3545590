/*
 * The API, https://github.com/firecracker-microvm/firecracker/blob/main/src/firecracker/swagger/firecracker.yaml:
 * as much of it as an observer uses. Like Firecracker it answers without a reason phrase, keeps
 * connections open, and serves ten at a time.
 */
#define _GNU_SOURCE
#include "stand-in.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 10
#define MAX_REQUEST 51200

struct connection {
  int fd;
  size_t length;
  char request[MAX_REQUEST + 1];
};

static int listener = -1;
static struct connection connections[MAX_CONNECTIONS];
static volatile bool is_hung;

void api_hang(bool hung) { is_hung = hung; }

static void answer(int fd, int status, const char *body) {
  char text[2048];
  int length = *body == 0 ? snprintf(text, sizeof text, "HTTP/1.1 %d \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n", status)
                          : snprintf(text, sizeof text,
                                     "HTTP/1.1 %d \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n"
                                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                     status, strlen(body), body);
  if (write(fd, text, (size_t)length) == -1) perror("api");
}

static void fault(int fd, const char *message) {
  char body[1024];
  snprintf(body, sizeof body, "{\"fault_message\":\"%s\"}", message);
  answer(fd, 400, body);
}

static void act(int fd, const char *body) {
  char action[64], message[256];
  metrics_add("put_api_requests.actions_count", 1);
  if (!find_string(body, "action_type", action, sizeof action)) {
    fault(fd, "An error occurred when deserializing the json body of a request: missing field `action_type`.");
  } else if (strcmp(action, "InstanceStart") == 0) {
    if (microvm.started) return fault(fd, "The requested operation is not supported after starting the microVM.");
    microvm.started = true;
    metrics_flush_by_timer();
    answer(fd, 204, "");
  } else if (strcmp(action, "FlushMetrics") == 0) {
    if (!microvm.started) return fault(fd, "The requested operation is not supported before starting the microVM.");
    if (metrics_flush()) return answer(fd, 204, "");
    fault(fd, "Internal VMM error: Metrics error: Resource temporarily unavailable (os error 11)");
  } else {
    snprintf(message, sizeof message,
             "An error occurred when deserializing the json body of a request: unknown variant `%.40s`, expected one "
             "of `FlushMetrics`, `InstanceStart`, `SendCtrlAltDel`.",
             action);
    fault(fd, message);
  }
}

static void serve(int fd, const char *method, const char *path, const char *body) {
  char text[512], value[256];
  if (strcmp(method, "GET") == 0 && strcmp(path, "/") == 0) {
    metrics_add("get_api_requests.instance_info_count", 1);
    snprintf(text, sizeof text, "{\"id\":\"%s\",\"state\":\"%s\",\"vmm_version\":\"1.13.0\",\"app_name\":\"Firecracker\"}",
             microvm.id, !microvm.started ? "Not started" : microvm.paused ? "Paused" : "Running");
    answer(fd, 200, text);
  } else if (strcmp(method, "GET") == 0 && strcmp(path, "/machine-config") == 0) {
    metrics_add("get_api_requests.machine_cfg_count", 1);
    snprintf(text, sizeof text, "{\"vcpu_count\":%d,\"mem_size_mib\":%d,\"smt\":false,\"track_dirty_pages\":false}",
             microvm.vcpus, microvm.memory_mib);
    answer(fd, 200, text);
  } else if (strcmp(method, "PUT") == 0 && strcmp(path, "/actions") == 0) {
    act(fd, body);
  } else if (strcmp(method, "PUT") == 0 && strcmp(path, "/metrics") == 0) {
    if (!find_string(body, "metrics_path", value, sizeof value) || !metrics_open(value))
      return fault(fd, "Cannot initialize the metrics system due to bad user input.");
    answer(fd, 204, "");
  } else if (strcmp(method, "PATCH") == 0 && strcmp(path, "/vm") == 0) {
    if (!find_string(body, "state", value, sizeof value)) return fault(fd, "Invalid state.");
    microvm.paused = strcmp(value, "Paused") == 0;
    answer(fd, 204, "");
  } else {
    snprintf(text, sizeof text, "Invalid request method and/or path: %.10s %.200s.", method, path[0] == '/' ? path + 1 : path);
    fault(fd, text);
  }
}

/* False where the connection is over. */
static bool receive(struct connection *connection) {
  ssize_t got = read(connection->fd, connection->request + connection->length, MAX_REQUEST - connection->length);
  if (got <= 0) return false;
  connection->length += (size_t)got;
  connection->request[connection->length] = 0;
  for (char *head_end; (head_end = strstr(connection->request, "\r\n\r\n"));) {
    const char *header = strcasestr(connection->request, "\r\ncontent-length:");
    size_t body_length = header && header < head_end ? strtoul(header + 17, NULL, 10) : 0;
    size_t total = (size_t)(head_end + 4 - connection->request) + body_length;
    if (total > connection->length) return total <= MAX_REQUEST;
    char method[16], path[512], body[MAX_REQUEST + 1];
    memcpy(body, head_end + 4, body_length);
    body[body_length] = 0;
    if (sscanf(connection->request, "%15s %511s HTTP/1.1", method, path) != 2) return false;
    serve(connection->fd, method, path, body);
    memmove(connection->request, connection->request + total, connection->length - total + 1);
    connection->length -= total;
  }
  return connection->length < MAX_REQUEST;
}

static void take_connection(void) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  for (size_t i = 0; fd != -1 && i < MAX_CONNECTIONS; i++) {
    if (connections[i].fd != -1) continue;
    connections[i].fd = fd;
    connections[i].length = 0;
    return;
  }
  if (fd != -1) {
    answer(fd, 503, "{\"error\":\"Too many open connections\"}");
    close(fd);
  }
}

static void *run(void *unused) {
  (void)unused;
  prctl(PR_SET_NAME, "fc_api");
  for (;;) {
    struct pollfd waiting[MAX_CONNECTIONS + 1] = {{.fd = listener, .events = POLLIN}};
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) waiting[i + 1] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
    if (is_hung) {
      nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
      continue;
    }
    if (poll(waiting, MAX_CONNECTIONS + 1, 20) <= 0) continue;
    if (waiting[0].revents) take_connection();
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
      if (waiting[i + 1].fd == -1 || !waiting[i + 1].revents || receive(&connections[i])) continue;
      close(connections[i].fd);
      connections[i].fd = -1;
    }
  }
  return NULL;
}

bool api_start(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, microvm.api_socket, sizeof address.sun_path);
  for (size_t i = 0; i < MAX_CONNECTIONS; i++) connections[i].fd = -1;
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener == -1 || bind(listener, (struct sockaddr *)&address, sizeof address) == -1 || listen(listener, 128) == -1) {
    fprintf(stderr, "Failed to open the API socket at: %s. Check that it is not already used.\n", microvm.api_socket);
    return false;
  }
  pthread_t thread;
  return pthread_create(&thread, NULL, run, NULL) == 0;
}

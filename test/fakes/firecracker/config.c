/*
 * The part of the JSON that counts here, found by its keys. Enough for what tests write, and no more.
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/getting-started.md
 */
#include "stand-in.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind `"key":`, or NULL. */
static const char *find_value(const char *json, const char *key) {
  char quoted[80];
  snprintf(quoted, sizeof quoted, "\"%s\"", key);
  const char *at = strstr(json, quoted);
  if (!at) return NULL;
  at += strlen(quoted);
  while (isspace((unsigned char)*at)) at++;
  if (*at++ != ':') return NULL;
  while (isspace((unsigned char)*at)) at++;
  return at;
}

const char *find_string(const char *json, const char *key, char *value, size_t size) {
  const char *at = find_value(json, key);
  if (!at || *at != '"') return NULL;
  const char *end = strchr(at + 1, '"');
  if (!end || (size_t)(end - at) > size) return NULL;
  snprintf(value, size, "%.*s", (int)(end - at - 1), at + 1);
  return end;
}

bool read_config(const char *path, char *metrics_path, size_t size) {
  static char json[65536];
  FILE *stream = fopen(path, "re");
  if (!stream) {
    perror(path);
    return false;
  }
  json[fread(json, 1, sizeof json - 1, stream)] = 0;
  fclose(stream);

  const char *vcpus = find_value(json, "vcpu_count"), *memory = find_value(json, "mem_size_mib");
  if (vcpus) microvm.vcpus = atoi(vcpus);
  if (memory) microvm.memory_mib = atoi(memory);
  find_string(json, "metrics_path", metrics_path, size);
  const char *at = json;
  while (microvm.drive_count < MAX_DEVICES &&
         (at = find_string(at, "drive_id", microvm.drives[microvm.drive_count], sizeof microvm.drives[0])))
    microvm.drive_count++;
  at = json;
  while (microvm.interface_count < MAX_DEVICES) {
    struct interface *interface = &microvm.interfaces[microvm.interface_count];
    interface->fd = -1;
    at = find_string(at, "iface_id", interface->id, sizeof interface->id);
    if (!at) break;
    find_string(at, "host_dev_name", interface->tap, sizeof interface->tap);
    microvm.interface_count++;
  }
  return true;
}

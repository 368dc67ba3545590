#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct piece {
  const char *text;
  size_t length;
  /* 0: nothing follows the text. */
  char kind;
  unsigned decimals;
  double base;
  double change;
  int is_compact;
};

struct template {
  size_t count;
  struct piece pieces[512];
};

static const uint64_t SCALE[] = {1, 10, 100, 1000};

struct template *parse_template(const char *text) {
  struct template *template = calloc(1, sizeof *template);
  int is_compact = 1;
  while (template != NULL && template->count < 512) {
    struct piece *piece = &template->pieces[template->count++];
    const char *mark = strchr(text, '<');
    piece->text = text;
    piece->length = mark == NULL ? strlen(text) : (size_t)(mark - text);
    if (mark == NULL) return template;
    piece->kind = mark[1];
    const char *end = strchr(mark, '>');
    if (end == NULL || strchr("kgcptsub+-", piece->kind) == NULL) break;
    if (piece->kind == 'k') sscanf(mark, "<k:%lf:%u>", &piece->base, &piece->decimals);
    if (strchr("gcp", piece->kind) != NULL) {
      sscanf(mark + 2, ":%lf:%lf:%u>", &piece->base, &piece->change, &piece->decimals);
    }
    if (piece->kind == 'u') piece->decimals = 2;
    if (piece->decimals > 3) break;
    if (piece->kind == '-' || piece->kind == '+') is_compact = piece->kind == '+';
    piece->is_compact = is_compact && strchr("b+-", piece->kind) == NULL;
    text = end + 1;
  }
  fprintf(stderr, "farm: a mistake in a template: %.60s\n", text);
  exit(2);
}

size_t put_integer(char *out, uint64_t value) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  for (size_t index = 0; index < count; index++) out[index] = digits[count - 1 - index];
  return count;
}

static size_t put_number(char *out, double value, unsigned decimals) {
  uint64_t scaled = (uint64_t)(value * (double)SCALE[decimals] + 0.5);
  size_t length = put_integer(out, scaled / SCALE[decimals]);
  if (decimals == 0) return length;
  out[length++] = '.';
  uint64_t rest = scaled % SCALE[decimals];
  for (unsigned place = decimals; place > 0; place--) {
    out[length++] = (char)('0' + rest / SCALE[place - 1] % 10);
  }
  return length;
}

/* From -1 to 1 and back within a minute. */
static double swing(double seconds) {
  double place = (seconds - 60 * (double)(uint64_t)(seconds / 60)) / 60;
  return place < 0.5 ? 4 * place - 1 : 3 - 4 * place;
}

/* Its slope is 0.5 or 1.5, so that what it drives never goes back. */
static double unsteady(double seconds) { return seconds + 7.5 * swing(seconds); }

static size_t put_value(const struct piece *piece, const struct moment *moment, char *out) {
  double value = piece->base;
  switch (piece->kind) {
    case 't': return put_integer(out, moment->taken_at);
    case 's': return put_integer(out, moment->scanned_at);
    case 'b': {
      char id[37];
      snprintf(id, sizeof id, "00000000-0000-4000-8000-%012u", moment->guest);
      memcpy(out, id, 36);
      return 36;
    }
    case 'u': value = moment->uptime; break;
    case 'g': value = (value + piece->change * swing(moment->uptime)) * moment->factor; break;
    case 'c': value = (value + piece->change * unsteady(moment->uptime)) * moment->factor; break;
    case 'p': value = (value + piece->change * moment->scan_uptime) * moment->factor; break;
    case 'k': break;
    default: return 0;
  }
  return put_number(out, value, piece->decimals);
}

size_t fill_template(const struct template *template, const struct moment *moment, char *out) {
  char *at = out;
  for (size_t index = 0; index < template->count; index++) {
    const struct piece *piece = &template->pieces[index];
    memcpy(at, piece->text, piece->length);
    at += piece->length;
    at += put_value(piece, moment, at);
  }
  return (size_t)(at - out);
}

size_t fill_numbers(const struct template *template, const struct moment *moment, char *out) {
  char *at = out;
  for (size_t index = 0; index < template->count; index++) {
    const struct piece *piece = &template->pieces[index];
    if (!piece->is_compact) continue;
    *at++ = ',';
    at += put_value(piece, moment, at);
  }
  return (size_t)(at - out);
}

/*
 * Texts with moving numbers in them. A text is cut into pieces once; filling it in for a guest and
 * a moment is then a copy and a few divisions.
 *
 *   <k:V:D>      a constant
 *   <g:B:A:D>    a gauge that swings by A around B
 *   <c:B:R:D>    a counter that was B at boot and grows by R a second, half of the time faster
 *   <p:B:R:D>    the same as of the last look at the processes, once in ten seconds
 *   <t> <s> <u>  the moment and that of the last look in unix ms, the uptime in seconds
 *   <b>          the boot id, which is a text
 *   <-> <+>      numbers between the two are no part of the compact sample
 *
 * D is how many decimals there are. All but constants are scaled by a factor of the guest's own.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct moment {
  unsigned guest;
  /* The guest's own factor, 0.75 to 1.25. */
  double factor;
  double uptime;
  double scan_uptime;
  uint64_t taken_at;
  uint64_t scanned_at;
};

struct template;

/* Ends the program at a mistake in the text. */
struct template *parse_template(const char *text);

/* Both return how many bytes they wrote. There must be room for the text and 20 bytes a number. */
size_t fill_template(const struct template *template, const struct moment *moment, char *out);
/* The moving numbers alone, each with a comma before it. */
size_t fill_numbers(const struct template *template, const struct moment *moment, char *out);
/* A string of an integer, without an end. */
size_t put_integer(char *out, uint64_t value);

/* What guests answer, as texts for template.h. */
#pragma once

/* JSON. */
extern const char SAMPLE[];
/* Prometheus text. */
extern const char EXPOSITION[];

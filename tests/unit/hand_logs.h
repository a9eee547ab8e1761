/* Log lines and states of units for the tests of the judgement. Include judge_scenes.h
 * first. */
#ifndef TESTS_UNIT_HAND_LOGS_H
#define TESTS_UNIT_HAND_LOGS_H

#include "core/logs/lines.h"
#include "core/services/unit_states.h"

enum { HAND_LINES = 8, HAND_UNITS = 8 };

static struct log_line hand_lines[HAND_LINES];
static struct log_source hand_source;
static struct log_table hand_logs;
static struct unit_state hand_units[HAND_UNITS];
static struct unit_state_table hand_unit_table;

/* A line of the journal by a service of the system, so many seconds before the window's
 * end; tests change what it is about. Lines come in the order of their times. */
static inline struct log_line *scene_line(struct scene *c, const char *unit,
					  const char *message, int64_t age_s)
{
	struct log_line *line;

	if (c->e.logs != &hand_logs) {
		hand_source = (struct log_source){.name = text_of("journal"), .n = 1};
		hand_logs = (struct log_table){
			.rows = hand_lines, .sources = &hand_source, .n_sources = 1};
		c->e.logs = &hand_logs;
	}
	assert_true(hand_logs.n < HAND_LINES);
	line = &hand_lines[hand_logs.n++];
	*line = (struct log_line){.wall_ns = c->e.window_end_ns - age_s * NS_PER_S,
				  .kind = LOG_JOURNAL,
				  .source = text_of(unit),
				  .unit = text_of(unit),
				  .text = text_of(message),
				  .message = text_of(message),
				  .priority = LOG_PRIORITY_ANY,
				  .pid = 4711,
				  .is_attested = true};
	return line;
}

/* A line of the kernel. */
static inline struct log_line *scene_kernel_line(struct scene *c, const char *message,
						 int64_t age_s)
{
	struct log_line *line = scene_line(c, "", message, age_s);

	line->source = text_of("kernel");
	line->from_kernel = true;
	return line;
}

/* A line of a file of syslog, where whoever writes chooses his name. */
static inline struct log_line *scene_forgeable_line(struct scene *c, const char *tag,
						    const char *message)
{
	struct log_line *line = scene_line(c, "", message, 1);

	line->kind = LOG_FILE;
	line->source = text_of("/var/log/syslog");
	line->tag = text_of(tag);
	line->is_attested = false;
	return line;
}

/* Units come in the order of their names. */
static inline struct unit_state *scene_unit(struct scene *c, const char *id,
					    const char *active, const char *sub,
					    const char *result)
{
	struct unit_state *u;

	if (c->e.units != &hand_unit_table) {
		hand_unit_table = (struct unit_state_table){.rows = hand_units};
		c->e.units = &hand_unit_table;
	}
	assert_true(hand_unit_table.n < HAND_UNITS);
	u = &hand_units[hand_unit_table.n++];
	*u = (struct unit_state){.id = text_of(id),
				 .active = text_of(active),
				 .sub = text_of(sub),
				 .result = text_of(result)};
	return u;
}

#endif

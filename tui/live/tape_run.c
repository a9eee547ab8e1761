/* Names, sentences, the recorder of the channel. What is in a recording core/host knows. */
#include "tui/live/tape_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/tape/record.h"
#include "tui/export.h"

static void make_name(const struct model *m, char out[TAPE_NAME_MAX])
{
	struct text host =
		m->snapshot && m->snapshot->host ? m->snapshot->host->hostname : TEXT_NONE;
	char name[EXPORT_HOST_MAX], moment[TIME_TEXT_MAX];

	snprintf(out, TAPE_NAME_MAX, "dport-%s-%s.tar", export_host(host, name),
		 time_compact(m->wall_ns, moment));
}

void tape_run_end(struct model *m, struct channel *c)
{
	struct tape *t = &m->tape;
	const struct recorder *rec = channel_recorder(c);
	int64_t bytes = rec ? recorder_bytes(rec) : 0;
	int error;

	if (!t->is_on)
		return;
	error = channel_record_close(c);
	t->is_on = false;
	m->around.record = NULL;
	if (error == -EFBIG)
		model_say(m, ROLE_WARN, "%s is full: what came later is not in it",
			  t->name);
	else if (error)
		model_say(m, ROLE_WARN, "%s was not written to its end: %s", t->name,
			  strerror(-error));
	else
		model_say(m, ROLE_NOTICE,
			  "written: %s, %" PRId64 " KiB; keep it private: it names "
			  "processes, users, addresses",
			  t->name, (bytes + 1023) >> 10);
}

int tape_run_toggle(struct model *m, struct channel *c)
{
	struct tape *t = &m->tape;
	int error;

	if (t->is_on) {
		tape_run_end(m, c);
		return 0;
	}
	if (channel_is_replay(c) || m->around.record || t->is_awaited) {
		model_say(m, ROLE_NOTICE,
			  channel_is_replay(c) ? "this is a recording already"
					       : "all that is read is written already");
		return 0;
	}
	make_name(m, t->name);
	error = channel_export(c, t->name);
	t->is_awaited = !error;
	if (error && error != -EPIPE)
		model_say(m, ROLE_WARN, "%s cannot be written: %s", t->name,
			  strerror(-error));
	return error == -EPIPE ? error : 0;
}

unsigned tape_run_begin(struct model *m, struct channel *c)
{
	struct tape *t = &m->tape;
	int fd = channel_take_export(c);
	struct recorder *rec;
	char rights[64];

	t->is_awaited = false;
	snprintf(rights, sizeof(rights), "uid=%u", (unsigned)getuid());
	rec = fd < 0 ? NULL : recorder_open_take(fd, m->wall_ns, rights);
	if (!rec) {
		model_say(m, ROLE_WARN, "%s cannot be written: %s", t->name,
			  strerror(fd < 0 ? -fd : errno));
		return EFFECT_DRAW;
	}
	channel_record_take(c, rec);
	t->is_on = true;
	m->around.record = t->name;
	model_say(m, ROLE_NOTICE, "what is read from now on goes to %s; o ends it",
		  t->name);
	if (m->guide.is_open)
		guide_remember(&m->guide);
	return EFFECT_DRAW | EFFECT_REFRESH | EFFECT_ANEW |
	       (m->guide.is_open ? EFFECT_DIAGNOSE : 0);
}

int tape_run_load(struct model *m, const struct channel *c)
{
	const struct tape_moment *moments;
	size_t n = channel_moments(c, &moments);

	m->tape.pictures = VEC_OF(struct picture);
	for (size_t i = 0; i < n; i++) {
		struct picture *p = vec_push(&m->tape.pictures);

		if (!p) {
			vec_release(&m->tape.pictures);
			return -ENOMEM;
		}
		*p = (struct picture){moments[i].wall_ns, moments[i].until_ns,
				      moments[i].has_changed};
	}
	return 0;
}

void tape_run_stand(const struct model *m, struct channel *c)
{
	const struct tape *t = &m->tape;

	if (t->at < t->pictures.n)
		channel_stand(
			c, ((const struct picture *)vec_at(&t->pictures, t->at))->until_ns);
}

/* What can be seen here as JSON, dport.doctor/1. No timing figure: the same host, the same
 * bytes. */
#include "core/report/doctor.h"

#include <inttypes.h>

#include "core/base/version.h"
#include "core/report/doctor_findings.h"
#include "core/report/document.h"

struct writer {
	struct document document;
	const struct snapshot *s;
};

static void put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	document_put(&w->document, object, key, value);
}

static json_t *capabilities_array(struct writer *w, uint64_t caps)
{
	json_t *all = json_array();
	struct str name = {0};

	for (int cap = 0; cap < 64; cap++) {
		if (!(caps >> cap & 1))
			continue;
		str_reset(&name);
		if (doctor_cap_name(&name, cap))
			w->document.failed = true;
		document_add(&w->document, all, json_string(str_text(&name)));
	}
	str_release(&name);
	return all;
}

static json_t *reader_object(struct writer *w)
{
	const struct host_facts *host = w->s->host;
	bool is_known = host && host->uid != UINT32_MAX;
	json_t *o = json_object();
	struct text user = TEXT_NONE;

	if (is_known && w->s->users)
		user = users_find(w->s->users, host->uid);
	put(w, o, "uid", is_known ? json_integer((json_int_t)host->uid) : json_null());
	put(w, o, "capabilities",
	    is_known ? capabilities_array(w, host->caps) : json_null());
	put(w, o, "user", document_name(user));
	return o;
}

static json_t *netns_string(uint64_t inode)
{
	return inode ? json_sprintf("net:[%" PRIu64 "]", inode) : json_null();
}

static json_t *source_object(struct writer *w, const struct source_state *source)
{
	struct doctor_finding f;
	json_t *o = json_object();

	doctor_judge(&f, w->s, source);
	put(w, o, "source", document_words(source->name));
	put(w, o, "netns", document_name(source->space));
	put(w, o, "state", json_string(doctor_state_word(f.state)));
	put(w, o, "reason", document_words(f.reason));
	put(w, o, "grant", document_words(f.grant));
	put(w, o, "rows", json_integer((json_int_t)source->rows));
	return o;
}

static json_t *sources_array(struct writer *w, const struct source_state *sources, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++)
		document_add(&w->document, all, source_object(w, &sources[i]));
	return all;
}

static json_t *terminal_object(struct writer *w, const struct doctor_surroundings *around)
{
	json_t *o = json_object();

	put(w, o, "term", document_words(around->term));
	put(w, o, "charset", document_words(around->charset));
	put(w, o, "is_terminal", json_boolean(around->is_terminal));
	return o;
}

static json_t *feature_object(struct writer *w, const struct doctor_feature *feature,
			      const struct source_state *sources, size_t n)
{
	static const char *const words[] = {
		[TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNSURE] = "unknown"};
	enum tri has = doctor_has(feature, w->s->host, sources, n);
	json_t *o = json_object();

	put(w, o, "feature", json_string(feature->name));
	put(w, o, "state", json_string(words[has]));
	put(w, o, "since",
	    feature->major ? json_sprintf("%u.%u", feature->major, feature->minor)
			   : json_null());
	put(w, o, "gives", json_string(feature->gives));
	put(w, o, "without", has == TRI_YES ? json_null() : json_string(feature->without));
	put(w, o, "grant", has == TRI_YES ? json_null() : document_words(feature->grant));
	return o;
}

static json_t *features_array(struct writer *w, const struct source_state *sources,
			      size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < N_DOCTOR_FEATURES; i++)
		document_add(&w->document, all,
			     feature_object(w, &doctor_features[i], sources, n));
	return all;
}

int doctor_json(struct str *out, const struct snapshot *s,
		const struct source_state *sources, size_t n_sources,
		const struct doctor_surroundings *around)
{
	const struct host_facts *host = s->host;
	struct writer w = {.s = s};
	json_t *root;

	document_init(&w.document);
	root = w.document.root;
	put(&w, root, "schema", json_string("dport.doctor/1"));
	put(&w, root, "host", document_name(host ? host->hostname : TEXT_NONE));
	put(&w, root, "time", json_of_time(s->wall_ns));
	put(&w, root, "version", json_string(DPORT_VERSION));
	put(&w, root, "reader", reader_object(&w));
	put(&w, root, "kernel", document_name(host ? host->kernel : TEXT_NONE));
	put(&w, root, "sources", sources_array(&w, sources, n_sources));
	put(&w, root, "terminal", terminal_object(&w, around));
	put(&w, root, "replay", document_words(around->replay));
	put(&w, root, "netns", netns_string(host ? host->netns : 0));
	put(&w, root, "view", json_string(snapshot_view_word(s)));
	put(&w, root, "missing", document_missing(&w.document, s));
	put(&w, root, "features", features_array(&w, sources, n_sources));
	return document_finish(&w.document, out);
}

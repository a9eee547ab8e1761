/* Saved rules of a cloud as evidence. Finds no fault itself. */
#include "core/diagnosis/check_cloud.h"

#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_help.h"

bool cloud_look(const struct check_view *v, struct cloud_answer *out)
{
	const struct cloud_rules *c = v->e->cloud;

	if (!c || !v->walk->client.family ||
	    v->walk->client.family != v->walk->server.family)
		return false;
	return !cloud_ask(c, v->e->target.proto, &v->walk->client, v->walk->client_port,
			  &v->walk->server, v->e->target.port, out);
}

static const char *rule_words(const struct check_view *v, uint32_t rule)
{
	const struct ruleset *r = &v->e->cloud->rules;

	return rule < r->n_rules ? view_text(v, "%.*s", (int)r->rules[rule].comment.len,
					     r->rules[rule].comment.bytes)
				 : "";
}

static const char *chain_words(const struct check_view *v, const struct cloud_answer *a)
{
	const struct ruleset *r = &v->e->cloud->rules;

	if (a->chain >= r->n_chains)
		return "the files";
	return view_text(v, "%.*s", (int)r->chains[a->chain].name.len,
			 r->chains[a->chain].name.bytes);
}

const char *cloud_words(const struct check_view *v, const struct cloud_answer *a)
{
	const char *what = a->is_reply ? "the answer" : "it";

	if (a->verdict == CLOUD_STOPPED && a->rule == UINT32_MAX)
		return view_text(v, "no line of %s allows %s", chain_words(v, a), what);
	if (a->rule != UINT32_MAX)
		return rule_words(v, a->rule);
	return view_text(v, "%s let it pass", chain_words(v, a));
}

static const char *age_words(const struct check_view *v)
{
	int64_t age_ns = v->e->now_ns - v->e->cloud->written_ns;
	char span[TIME_TEXT_MAX];

	if (!v->e->cloud->written_ns || age_ns < 0)
		return "of a time that is not known";
	return view_text(v, "saved %s ago", time_span(age_ns, span));
}

static const char *file_words(const struct check_view *v)
{
	struct text name = v->e->cloud->name;

	return view_text(v, "%.*s", (int)name.len, name.bytes);
}

static const char *verdict_words(const struct cloud_answer *a)
{
	switch (a->verdict) {
	case CLOUD_OPEN:
		return "would let it in";
	case CLOUD_STOPPED:
		return a->is_reply ? "stop the answer" : "stop it before this host";
	case CLOUD_UNSURE:
		break;
	}
	return "do not say";
}

static int prove_unsure(const struct check_view *v, struct finding *f,
			const struct cloud_answer *a)
{
	if (a->hangs_on_acl)
		return finding_prove(
			f, v->arena, "cloud-rules", false, NULL,
			"its ACLs disagree, and which of them is of this host's "
			"subnet is not in the file");
	for (size_t i = 0; i < a->n_unsure && i < 2; i++) {
		int error = finding_prove(f, v->arena, "cloud-rules", false, NULL,
					  "it hangs on what is not in the file: %s",
					  rule_words(v, a->unsure[i]));

		if (error)
			return error;
	}
	return 0;
}

static int prove_near(const struct check_view *v, struct finding *f,
		      const struct cloud_answer *a)
{
	for (size_t i = 0; i < a->n_near && i < 2; i++) {
		int error = finding_prove(f, v->arena, "cloud-rules", false, NULL,
					  "but for the %s it would pass: %s",
					  a->near[i].field, rule_words(v, a->near[i].rule));

		if (error)
			return error;
	}
	return 0;
}

int cloud_prove(const struct check_view *v, struct finding *f, const struct cloud_answer *a)
{
	int error;

	error = finding_prove(f, v->arena, "cloud-rules", false, NULL,
			      "the cloud rules in %s (%s; all groups in it taken as this "
			      "host's) %s: %s",
			      file_words(v), age_words(v), verdict_words(a),
			      a->verdict == CLOUD_UNSURE ? "not all of them is known"
							 : cloud_words(v, a));
	if (!error && a->verdict == CLOUD_UNSURE)
		error = prove_unsure(v, f, a);
	return error ? error : prove_near(v, f, a);
}

/* "sg-1" of "sg-1 \"web\": allows ..."; NULL: it is not plain enough for a command. */
static const char *id_of(const struct check_view *v, struct text words)
{
	size_t n = 0;

	while (n < words.len && words.bytes[n] != ' ' && words.bytes[n] != ':')
		n++;
	for (size_t i = 0; i < n; i++) {
		char c = words.bytes[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return NULL;
	}
	return n ? view_text(v, "%.*s", (int)n, words.bytes) : NULL;
}

/* The group to change: that of the nearest line, else any of the file. */
static const char *group_of(const struct check_view *v, const struct cloud_answer *a)
{
	const struct ruleset *r = &v->e->cloud->rules;
	const struct fw_chain *groups = &r->chains[0];
	uint32_t rule = a->n_near ? a->near[0].rule : groups->first_rule;

	if (v->e->cloud->groups == FW_NONE || !groups->n_rules)
		return NULL;
	return id_of(v, r->rules[rule].comment);
}

static int advise_group(const struct check_view *v, struct finding *f,
			const struct cloud_answer *a, const char *client)
{
	bool is_v6 = v->walk->client.family == AF_INET6;
	const char *group = group_of(v, a);
	const char *proto = v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp";
	const char *what =
		view_text(v,
			  "--group-id %s --ip-permissions "
			  "'IpProtocol=%s,FromPort=%u,ToPort=%u,%s=[{%s=%s/"
			  "%u}]'",
			  group ? group : "sg-ID", proto, v->e->target.port,
			  v->e->target.port, is_v6 ? "Ipv6Ranges" : "IpRanges",
			  is_v6 ? "CidrIpv6" : "CidrIp", client, is_v6 ? 128U : 32U);

	return finding_advise(
		f, v->arena,
		view_text(v, "aws ec2 authorize-security-group-ingress %s", what),
		view_text(v, "aws ec2 revoke-security-group-ingress %s", what),
		"lets this one address in at every host of the group; ask its owner",
		"allow this client in a security group of this host");
}

static int advise_acl(const struct check_view *v, struct finding *f,
		      const struct cloud_answer *a)
{
	const struct fw_chain *chain = &v->e->cloud->rules.chains[a->chain];
	const char *acl = id_of(v, chain->name);

	return finding_advise(
		f, v->arena,
		view_text(v, "aws ec2 describe-network-acls --network-acl-ids %s",
			  acl ? acl : "acl-ID"),
		NULL, "an ACL is of a whole subnet: a line there lets in at all its hosts",
		"ask who keeps the ACL for a line before the one that stops it%s",
		a->is_reply ? ", on the way out, for the client's ports 1024-65535" : "");
}

int cloud_advise(const struct check_view *v, struct finding *f,
		 const struct cloud_answer *a)
{
	char client[ADDR_TEXT_MAX];

	if (a->verdict != CLOUD_STOPPED || a->chain >= v->e->cloud->rules.n_chains)
		return 0;
	if (a->chain)
		return advise_acl(v, f, a);
	return advise_group(v, f, a, addr_format(&v->walk->client, client));
}

/* Looking services up by port, program and unit. The rows are in assets/services. */
#include "core/services/known.h"

#include <netinet/in.h>
#include <string.h>

#include "core/base/pieces.h"

#define SERVICE(name_, ports_, first_, programs_, units_, logs_, config_, directive_, \
		check_, reload_)                                                      \
	{.name = (name_),                                                             \
	 .ports = (ports_),                                                           \
	 .first = FIRST_##first_,                                                     \
	 .programs = (programs_),                                                     \
	 .units = (units_),                                                           \
	 .logs = (logs_),                                                             \
	 .config = (config_),                                                         \
	 .directive = (directive_),                                                   \
	 .check = (check_),                                                           \
	 .reload = (reload_)},

const struct known_service known_services[] = {
#include "assets/services"
};

const size_t n_known_services = sizeof(known_services) / sizeof(known_services[0]);

bool known_next_word(const char **rest, struct text *out)
{
	const char *at = *rest + strspn(*rest, " ");
	size_t n = strcspn(at, " ");

	*out = (struct text){at, n};
	*rest = at + n;
	return n > 0;
}

/* "~443/udp" */
static enum known_use use_of(struct text word, uint16_t port, uint8_t proto)
{
	bool is_shared = word.bytes[0] == '~';
	uint64_t number;

	if (is_shared)
		word = piece_tail(word, 1);
	if (!piece_number(&word, UINT16_MAX, &number) || number != port ||
	    !text_equals_str(word, proto == IPPROTO_UDP ? "/udp" : "/tcp"))
		return KNOWN_NOT;
	return is_shared ? KNOWN_SHARED : KNOWN_OWN;
}

enum known_use known_service_uses(const struct known_service *s, uint16_t port,
				  uint8_t proto)
{
	const char *rest = s->ports;
	struct text word;

	while (known_next_word(&rest, &word)) {
		enum known_use use = use_of(word, port, proto);

		if (use != KNOWN_NOT)
			return use;
	}
	return KNOWN_NOT;
}

bool known_service_has_program(const struct known_service *s, struct text comm)
{
	const char *rest = s->programs;
	struct text word;

	while (comm.len && known_next_word(&rest, &word))
		if (text_equals(word, comm))
			return true;
	return false;
}

static bool is_like(struct text name, struct text pattern)
{
	struct text front, back = pattern;

	if (!piece_next(&back, '*', &front) || front.len == pattern.len)
		return text_equals(name, pattern);
	return name.len >= front.len + back.len &&
	       text_equals(piece_head(name, front.len), front) &&
	       text_equals(piece_tail(name, name.len - back.len), back);
}

bool known_service_has_unit(const struct known_service *s, struct text unit)
{
	const char *rest = s->units;
	struct text word;

	while (unit.len && known_next_word(&rest, &word))
		if (is_like(unit, word))
			return true;
	return false;
}

static const struct known_service *by_unit(struct text unit)
{
	for (size_t i = 0; i < n_known_services; i++)
		if (known_service_has_unit(&known_services[i], unit))
			return &known_services[i];
	return NULL;
}

const struct known_service *known_service_of(struct text unit, struct text comm,
					     uint16_t port, uint8_t proto)
{
	const struct known_service *found = by_unit(unit);
	size_t n = 0;

	for (size_t i = 0; i < n_known_services && !(found && !n); i++) {
		const struct known_service *s = &known_services[i];

		if (!known_service_has_program(s, comm))
			continue;
		if (known_service_uses(s, port, proto) != KNOWN_NOT)
			return s;
		found = s;
		n++;
	}
	return n > 1 ? NULL : found;
}

static bool is_place(struct text path, struct text place)
{
	if (place.len && place.bytes[place.len - 1] == '/')
		return path.len > place.len &&
		       text_equals(piece_head(path, place.len), place);
	return text_equals(path, place);
}

const struct known_service *known_service_of_log(struct text path)
{
	for (size_t i = 0; i < n_known_services; i++) {
		const char *rest = known_services[i].logs;
		struct text word;

		while (known_next_word(&rest, &word)) {
			if (word.bytes[word.len - 1] == ',')
				word.len--;
			if (is_place(path, word))
				return &known_services[i];
		}
	}
	return NULL;
}

size_t known_services_at(uint16_t port, uint8_t proto, const struct known_service **out,
			 size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < n_known_services && n < room; i++)
		if (known_service_uses(&known_services[i], port, proto) != KNOWN_NOT)
			out[n++] = &known_services[i];
	return n;
}

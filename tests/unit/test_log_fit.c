/* Denials, refusals and limits in log lines, and lines of services that are known for a
 * port. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/base/time.h"
#include "core/logs/match.h"
#include "tests/unit/items.h"
#include "tests/unit/log_line.h"

#define NONE  N_LOG_MEANINGS
#define AVC   "avc:  denied  "
#define TCP   " tclass=tcp_socket permissive=0"
#define ARMOR "apparmor=\"DENIED\" operation="

static const struct {
	char who;
	const char *message;
	enum log_meaning meaning;
	const char *detail;
} rows[] = {
	{'K', AVC "{ name_bind } for  pid=7 comm=\"other\" src=443 scontext=a" TCP,
	 LOG_MEANS_BIND_FORBIDDEN, "443"},
	{'K',
	 "audit: type=1400 audit(1795341600.1:7): " AVC
	 "{ name_bind } for  pid=7 comm=\"other\" src=443 scontext=a" TCP,
	 LOG_MEANS_BIND_FORBIDDEN, "443"},
	{'K', "AVC " AVC "{ name_bind } for  pid=7 comm=\"other\" src=443 scontext=a" TCP,
	 LOG_MEANS_BIND_FORBIDDEN, "443"},
	{'K', AVC "{ name_bind } for  pid=7 comm=\"web\" src=8443 scontext=a" TCP, NONE,
	 ""},
	{'K', AVC "{ name_bind } for  pid=7 comm=\"web\" src=443 tclass=udp_socket x", NONE,
	 ""},
	{'K',
	 AVC "{ name_bind } for  pid=7 comm=\"web\" src=443 tclass=tcp_socket permissive=1",
	 NONE, ""},
	{'P', AVC "{ name_bind } for  pid=7 comm=\"web\" src=443 scontext=a" TCP, NONE, ""},
	{'K', AVC "{ name_connect } for  pid=7 comm=\"web\" dest=443" TCP, NONE, ""},
	{'K',
	 ARMOR "\"bind\" class=\"net\" profile=\"web\" pid=812 comm=\"x\" "
	       "family=\"inet\" sock_type=\"stream\"",
	 LOG_MEANS_BIND_FORBIDDEN, ""},
	{'K',
	 ARMOR "\"bind\" class=\"net\" profile=\"web\" pid=7 comm=\"x\" saddr=0.0.0.0 "
	       "src=443",
	 LOG_MEANS_BIND_FORBIDDEN, "443"},
	{'K', ARMOR "\"bind\" class=\"net\" profile=\"web\" pid=7 comm=\"x\" f=1", NONE,
	 ""},
	{'K',
	 ARMOR "\"capable\" profile=\"x\" pid=7 comm=\"web\" capability=10  "
	       "capname=\"net_bind_service\"",
	 LOG_MEANS_BIND_FORBIDDEN, ""},
	{'K', ARMOR "\"capable\" profile=\"x\" pid=7 comm=\"web\" capability=12  x", NONE,
	 ""},

	{'P', "[9] FATAL:  no pg_hba.conf entry for host \"10.0.0.9\", user \"a\"",
	 LOG_MEANS_REFUSED_BY_WRAPPER, ""},
	{'P', "[9] a@b FATAL:  no pg_hba.conf entry for host \"10.0.0.9\", user \"a\"",
	 LOG_MEANS_REFUSED_BY_WRAPPER, ""},
	{'O', "[9] a@b FATAL:  no pg_hba.conf entry for host \"10.0.0.7\", user \"a\"",
	 NONE, ""},
	{'P', "FAIL: web address from=10.0.0.9", LOG_MEANS_REFUSED_BY_WRAPPER, ""},
	{'P', "refused connection from 10.0.0.9", LOG_MEANS_REFUSED_BY_WRAPPER, ""},
	{'P', "refused connection from 10.0.0.90", NONE, ""},

	{'P', "drop connection #9 from [10.0.0.9]:4000 on [10.0.0.1]:443 past MaxStartups",
	 LOG_MEANS_LIMIT_REACHED, "443"},
	{'P', "drop connection #9 from [10.0.0.9]:443 on [10.0.0.1]:22 past MaxStartups",
	 LOG_MEANS_OF_CLIENT, ""},
	{'P', "drop connection #9 from [10.0.0.7]:4000 on [10.0.0.1]:443 past MaxStartups",
	 NONE, ""},
	{'O', "[9] a@b FATAL:  sorry, too many clients already", LOG_MEANS_LIMIT_REACHED,
	 ""},
	{'P', "[9] a@b FATAL:  sorry, too many clients already", NONE, ""},
	{'F', "[alert] 12#12: 512 worker_connections are not enough",
	 LOG_MEANS_LIMIT_REACHED, ""},
	{'P', "FAIL: web service_limit from=10.0.0.9", LOG_MEANS_LIMIT_REACHED, ""},
	{'P', "FAIL: web service_limit from=10.0.0.7", NONE, ""},
	{'I', "web.service: Too many incoming connections (64), dropping connection.",
	 LOG_MEANS_LIMIT_REACHED, ""},
	{'O', "web.service: Too many incoming connections (64), dropping connection.", NONE,
	 ""},
};

static void denials_refusals_and_limits_mean_what_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct log_line line = line_of(rows[i].who, rows[i].message);
		struct log_match m = {.meaning = NONE};
		size_t n = match(&line, 1, NULL, &m, 1);

		if (n != (rows[i].meaning != NONE) || m.meaning != rows[i].meaning)
			fail_msg("%s: %s", rows[i].message, log_meaning_what(m.meaning));
		assert_text(rows[i].message, m.detail, rows[i].detail);
	}
}

/* Nobody holds the port; what is known to use it is called web@*.service and webd. */
static size_t guess(const struct log_line *line, struct log_match *m, bool known_only)
{
	const struct text units[] = {text_of("web@*.service"), text_of("web.service")};
	const struct text comms[] = {text_of("webd")};
	const struct log_wanted w = {.from_ns = NOW,
				     .to_ns = NOW,
				     .port = 443,
				     .proto = 6,
				     .units = {units, 2},
				     .comms = {comms, 1}};
	struct log_table t = {.rows = (struct log_line *)line, .n = 1};

	*m = (struct log_match){0};
	return known_only ? logs_match_known(&t, &w, m, 1) : logs_match(&t, &w, m, 1);
}

static void a_known_service_s_line_fits_by_guess(void **state)
{
	static const struct {
		char who;
		const char *unit, *tag, *message;
		bool counts, is_by_guess;
	} guesses[] = {
		{'P', "web.service", "", "bind: Address already in use", true, true},
		{'P', "web@a.service", "", "bind: Address already in use", true, true},
		{'P', "web@.service.x", "", "bind: Address already in use", false, false},
		{'P', "", "webd", "bind: Address already in use", true, true},
		{'P', "", "webde", "bind: Address already in use", false, false},
		{'P', "x", "y", "listen tcp :443: bind: address already in use", true,
		 false},
		{'P', "web.service", "", "listen tcp :80: bind: address already in use",
		 false, false},
		{'I', "", "", "web@b.service: Failed with result 'exit-code'.", true, true},
		{'I', "", "", "other@b.service: Failed with result 'exit-code'.", false,
		 false},
		{'K', "", "", "Out of memory: Killed process 7 (webd) x", true, true},
		{'K', "", "", "Out of memory: Killed process 7 (web) x", false, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(guesses); i++) {
		struct log_line line = line_of(guesses[i].who, guesses[i].message);
		struct log_match m;

		line.unit = text_of(guesses[i].unit);
		line.tag = text_of(guesses[i].tag);
		for (int known_only = 0; known_only < 2; known_only++) {
			size_t n = guess(&line, &m, known_only);

			if (n != guesses[i].counts ||
			    (n && m.is_by_guess != guesses[i].is_by_guess))
				fail_msg("%s %s: %zu", guesses[i].message, guesses[i].unit,
					 n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(denials_refusals_and_limits_mean_what_they_should),
		cmocka_unit_test(a_known_service_s_line_fits_by_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

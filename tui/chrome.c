/* Header, rules, footer. Knows nothing of what stands between them. */
#include "tui/chrome.h"

#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "tui/state/counts.h"
#include "tui/keymap.h"
#include "tui/view.h"

enum {
	BOTH_CLOCKS_FROM = 100, /* columns */
	WHOLE_SENTENCE_FROM = 60,
	HOURS_TO_SECONDS = 8, /* of "14:32:07 +01" */
	NAME_WIDTH = 8,       /* " dport" and a gap */
	CHIP_MIN = 8,         /* columns that are worth beginning with */
};

static int width_of(const struct str *s)
{
	return (int)text_width(text_of_str(s));
}

void chrome_count(struct str *out, size_t n, const char *one, const char *many)
{
	str_printf(out, "%zu %s", n, n == 1 ? one : many);
}

static void put_clock(struct str *out, const struct model *m, int width)
{
	char first[TIME_TEXT_MAX], second[TIME_TEXT_MAX];

	if (!m->wall_ns)
		return;
	str_puts(out, time_clock(m->wall_ns, m->is_utc, first));
	time_clock(m->wall_ns, !m->is_utc, second);
	if (width >= BOTH_CLOCKS_FROM && strncmp(first, second, HOURS_TO_SECONDS) != 0)
		str_printf(out, " / %s", second);
}

static bool is_blind(const struct snapshot *s)
{
	return strcmp(snapshot_view_word(s), "none") == 0;
}

/* What matters most, and the role to say it in. */
static enum role put_matter(struct str *out, const struct model *m, int width)
{
	const struct snapshot *s = m->snapshot;
	bool is_waiting = !s || (!s->n_endpoints && !s->is_settled);
	size_t n_failing;

	if (is_waiting && !m->is_ascii)
		str_puts(out, "looking …");
	else if (is_waiting)
		str_puts(out, "looking ..");
	if (is_waiting)
		return ROLE_HEADER;
	if (!s->n_endpoints && is_blind(s)) {
		str_printf(out, "%s listeners not seen",
			   symbol_text(SYMBOL_UNKNOWN, m->is_ascii));
		return ROLE_WARN;
	}
	n_failing = m->counts ? m->counts->n_failing : 0;
	if (!m->n_full && !n_failing) {
		chrome_count(out, s->n_endpoints, "listener", "listeners");
		return ROLE_HEADER;
	}
	str_printf(out, "%s ", symbol_text(SYMBOL_BAD, m->is_ascii));
	if (n_failing && width < WHOLE_SENTENCE_FROM)
		chrome_count(out, n_failing, "port fails", "ports fail");
	else if (n_failing)
		chrome_count(out, n_failing, "port fails clients now",
			     "ports fail clients now");
	else
		chrome_count(out, m->n_full, "queue full", "queues full");
	return ROLE_BAD;
}

static const struct space *own_space(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_spaces; i++)
		if (s->spaces[i].is_own)
			return &s->spaces[i];
	return s->n_spaces ? &s->spaces[0] : NULL;
}

static void put_address(struct str *out, const struct model *m)
{
	const struct space *space = m->snapshot ? own_space(m->snapshot) : NULL;
	const struct address_row *primary;
	const struct link_row *link;
	char text[ADDR_TEXT_MAX];

	if (!space || !space->addresses)
		return;
	primary = address_primary(space->addresses);
	if (!primary)
		return;
	str_printf(out, "%s", addr_format(&primary->local, text));
	link = space->links ? links_find(space->links, primary->ifindex) : NULL;
	if (!link)
		return;
	str_putc(out, ' ');
	text_show(out, link->name, model_text_mode(m));
}

/* Host and address in the room there is. First the program's name goes, then the address,
 * then the host's end. */
static void draw_names(struct frame *f, int y, int room, const struct model *m)
{
	struct str host = {0}, address = {0};
	int host_width, x = 1;

	if (m->snapshot && m->snapshot->host)
		text_show(&host, m->snapshot->host->hostname, model_text_mode(m));
	put_address(&address, m);
	if (width_of(&host) <= room - NAME_WIDTH)
		x = frame_put(f, 0, y, room, ROLE_TITLE, text_of(" dport")) + 2;
	host_width = room - x < width_of(&host) ? room - x : width_of(&host);
	frame_text(f, x, y, host_width, ROLE_TITLE, text_of_str(&host));
	x += host_width ? host_width + 2 : 0;
	if (width_of(&address) <= room - x)
		frame_put(f, x, y, room - x, ROLE_HEADER, text_of_str(&address));
	str_release(&host);
	str_release(&address);
}

void chrome_header(struct frame *f, int y, const struct model *m)
{
	struct str clock = {0}, matter = {0};
	enum role role = put_matter(&matter, m, f->width);
	int x;

	put_clock(&clock, m, f->width);
	x = f->width - 1 - width_of(&clock);
	frame_put(f, x, y, width_of(&clock), ROLE_HEADER, text_of_str(&clock));
	x -= width_of(&matter) + (clock.len ? 3 : 0);
	frame_put(f, x, y, width_of(&matter), role, text_of_str(&matter));
	draw_names(f, y, x - 2, m);
	str_release(&clock);
	str_release(&matter);
}

/* One remark in the upper rule; brief is for when not all have room. */
struct chip {
	enum role role;
	struct str text, brief;
};

enum { CHIPS_MAX = 9, CHIP_GAP = 4 };

struct chips {
	struct chip chips[CHIPS_MAX];
	size_t n;
	enum text_mode mode;
};

static struct chip *add_chip(struct chips *c, enum role role)
{
	struct chip *chip = &c->chips[c->n++];

	*chip = (struct chip){.role = role};
	return chip;
}

/* A label and a text from outside, in both forms. */
static struct chip *add_named(struct chips *c, const char *label, const char *name)
{
	struct chip *chip = add_chip(c, ROLE_NOTICE);

	str_puts(&chip->brief, label);
	text_show(&chip->brief, text_of(name), c->mode);
	str_append(&chip->text, str_text(&chip->brief), chip->brief.len);
	return chip;
}

/* "ports > guide > ladder": where Esc leads. */
static void add_way(struct chips *c, const struct model *m)
{
	struct chip *chip;

	if (m->n_shown < 2)
		return;
	chip = add_chip(c, ROLE_TITLE);
	str_puts(&chip->brief, model_view(m)->name);
	for (size_t i = 0; i < m->n_shown; i++) {
		if (i)
			str_printf(&chip->text, " %s ",
				   symbol_text(SYMBOL_INTO, m->is_ascii));
		str_puts(&chip->text, m->shown[i]->name);
	}
}

static void add_frozen(struct chips *c, const struct model *m)
{
	char clock[TIME_TEXT_MAX];
	struct chip *chip;

	if (!m->is_frozen || !m->snapshot)
		return;
	chip = add_chip(c, ROLE_NOTICE);
	str_puts(&chip->brief, "frozen");
	str_printf(&chip->text, "frozen at %s",
		   time_clock(m->snapshot->wall_ns, m->is_utc, clock));
}

static void add_partial(struct chips *c, const struct model *m)
{
	const struct snapshot *s = m->snapshot;
	bool is_none;
	struct chip *chip;

	if (!s || !s->n_missing)
		return;
	is_none = is_blind(s);
	chip = add_chip(c, ROLE_WARN);
	str_printf(&chip->brief, "%s (%.*s)", is_none ? "nothing seen" : "partial",
		   KEY_ARGS(ACTION_HELP));
	str_puts(&chip->text, is_none ? "nothing seen: " : "partial: ");
	chrome_count(&chip->text, s->n_missing, "source", "sources");
	str_puts(&chip->text, " missing");
	if (!m->is_plain)
		str_printf(&chip->text, " (%.*s lists them)", KEY_ARGS(ACTION_HELP));
}

/* Something of weight happened in the last minute. */
static void add_events(struct chips *c, const struct model *m)
{
	const int64_t minute_ns = 60 * NS_PER_S;
	size_t n = events_n_weighty(m->events.log, m->now_ns, minute_ns);
	struct chip *chip;

	if (!n || m->is_plain)
		return;
	chip = add_chip(c, ROLE_WARN);
	chrome_count(&chip->text, n, "event", "events");
	str_printf(&chip->text, " (%.*s)", KEY_ARGS(ACTION_EVENTS));
	str_append(&chip->brief, str_text(&chip->text), chip->text.len);
}

/* Why SYN/s and ANSWER are not known, once for all rows. */
static void add_blind(struct chips *c, const struct model *m)
{
	static const struct {
		const char *text, *brief;
	} words[] = {
		[TRAFFIC_NO_RIGHT] = {"no capture: SYN/s and ANSWER need root or"
				      " cap_net_raw",
				      "no capture (root)"},
		[TRAFFIC_NOT_RECORDED] = {"no capture was recorded", "no capture"},
		[TRAFFIC_FAILED] = {"no capture: ", "no capture"},
	};
	enum traffic_state state = m->counts ? m->counts->state : TRAFFIC_RUNNING;
	struct chip *chip;

	if (state == TRAFFIC_RUNNING || state == TRAFFIC_WAITING)
		return;
	chip = add_chip(c, state == TRAFFIC_NOT_RECORDED ? ROLE_NOTICE : ROLE_WARN);
	str_puts(&chip->brief, words[state].brief);
	str_puts(&chip->text, words[state].text);
	if (state == TRAFFIC_FAILED)
		text_show(&chip->text, text_of(traffic_problem(m->traffic)), c->mode);
}

static void add_narrowing(struct chips *c, const struct model *m)
{
	struct chip *chip;

	if (m->filter && m->snapshot) {
		chip = add_named(c, "filter ", str_text(&m->filter_line));
		str_printf(&chip->text, ": %zu of %zu", m->n_taken,
			   m->snapshot->n_endpoints);
	}
	if (m->search.len) {
		chip = add_named(c, "search ", str_text(&m->search));
		str_printf(&chip->text, ": %zu found", m->n_found);
	}
}

static void add_files(struct chips *c, const struct surroundings *around)
{
	if (around->replay)
		add_named(c, around->replay_damage ? "damaged recording " : "recording ",
			  around->replay);
	if (around->record)
		add_named(c, "writing to ", around->record);
}

static bool have_room(const struct chips *c, int width)
{
	for (size_t i = 0; i < c->n; i++)
		width -= width_of(&c->chips[i].text) + CHIP_GAP;
	return width >= 0;
}

static int draw_chip(struct frame *f, int x, int y, enum role role, const struct str *text)
{
	int room = f->width - x - CHIP_GAP + 1;
	int width = width_of(text) < room ? width_of(text) : room;

	if (room < CHIP_MIN)
		return x;
	frame_put(f, x, y, 1, ROLE_RULE, text_of(" "));
	frame_text(f, x + 1, y, width, role, text_of_str(text));
	frame_put(f, x + 1 + width, y, 1, ROLE_RULE, text_of(" "));
	return x + width + CHIP_GAP;
}

void chrome_rule(struct frame *f, int y, const struct model *m, unsigned where)
{
	struct chips chips = {.mode = model_text_mode(m)};
	bool is_whole;
	int x = 2;

	add_way(&chips, m);
	add_frozen(&chips, m);
	add_partial(&chips, m);
	if (!(where & WHERE_EVENTS))
		add_events(&chips, m);
	if (!(where & (WHERE_RUN | WHERE_WIRE))) {
		add_blind(&chips, m);
		add_narrowing(&chips, m);
	}
	add_files(&chips, &m->around);
	is_whole = have_room(&chips, f->width - x);
	frame_fill(f, 0, y, f->width, ROLE_RULE, SYMBOL_LINE);
	for (size_t i = 0; i < chips.n; i++) {
		struct chip *chip = &chips.chips[i];

		x = draw_chip(f, x, y, chip->role, is_whole ? &chip->text : &chip->brief);
		str_release(&chip->text);
		str_release(&chip->brief);
	}
}

/* What a question takes stays in sight where the rest of it has no room. */
static void draw_message(struct frame *f, int y, int room, enum role role,
			 const struct str *message)
{
	static const char answers[] = "[y/N]";
	const int width = (int)sizeof(answers) - 1;

	if (width_of(message) > room && piece_ends(text_of_str(message), answers)) {
		frame_text(f, 3 + room - width, y, width, role, text_of(answers));
		room -= width + 1;
	}
	frame_text(f, 3, y, room, role, text_of_str(message));
}

void chrome_message(struct frame *f, int y, const struct model *m, const char *range)
{
	int width = (int)text_width(text_of(range));
	int end = f->width - width - 4; /* where the range's blank stands */
	int room = (width ? end : f->width) - 5;
	bool is_error = m->field.kind != FIELD_CLOSED && m->field_error.len;
	const struct str *message = is_error ? &m->field_error : &m->message;
	enum role role = is_error ? ROLE_WARN : m->message_role;

	frame_fill(f, 0, y, f->width, ROLE_RULE, SYMBOL_LINE);
	if (width) {
		frame_text(f, end, y, width + 2, ROLE_RULE, TEXT_NONE);
		frame_put(f, end + 1, y, width, ROLE_DIM, text_of(range));
	}
	if (!message->len && m->tape.pictures.n)
		tape_draw(f, 2, y, room, m);
	if (!message->len || room < 8)
		return;
	if (width_of(message) < room)
		room = width_of(message);
	frame_text(f, 2, y, room + 2, ROLE_RULE, TEXT_NONE);
	draw_message(f, y, room, role, message);
}

static const char filter_hint[] = "443 https user:x state:full !udp";

/* What goes on with the word that is typed, in the line above. */
static void draw_fits(struct frame *f, int y, const struct model *m)
{
	struct str fits = {0};
	int x;

	complete_words(&m->complete, f->width - 8, model_text_mode(m), &fits);
	if (fits.len) {
		frame_text(f, 0, y, f->width, ROLE_NORMAL, TEXT_NONE);
		x = 1 + frame_put(f, 1, y, f->width - 2, ROLE_KEY, text_of("Tab")) + 2;
		frame_text(f, x, y, f->width - x - 1, ROLE_NORMAL, text_of_str(&fits));
	}
	str_release(&fits);
}

static void draw_field(struct frame *f, int y, const struct model *m)
{
	static const char *const labels[] = {[FIELD_SEARCH] = " search: ",
					     [FIELD_FILTER] = " filter: ",
					     [FIELD_CLIENT] = " client: ",
					     [FIELD_PATH] = " packet: "};
	struct text hint = text_of(m->field.kind == FIELD_FILTER ? filter_hint : "");
	int x = frame_put(f, 0, y, f->width, ROLE_KEY, text_of(labels[m->field.kind]));
	int room = f->width - x - 1;

	if ((int)hint.len > room / 2)
		hint = TEXT_NONE;
	field_draw(&m->field, f, x, y, room - (int)hint.len - (hint.len ? 2 : 0));
	frame_put(f, f->width - 1 - (int)hint.len, y, (int)hint.len, ROLE_DIM, hint);
	if (m->field.kind == FIELD_FILTER)
		draw_fits(f, y - 1, m);
}

void chrome_footer(struct frame *f, int y, const struct model *m, unsigned where)
{
	if (m->field.kind != FIELD_CLOSED)
		draw_field(f, y, m);
	else
		keymap_footer(f, 1, y, f->width - 2, where);
}

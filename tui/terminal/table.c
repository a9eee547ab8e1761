/* Choosing and placing columns. Does not know what stands in them. */
#include "tui/terminal/table.h"

#include <assert.h>
#include <string.h>

/* Columns are told by their place in the choice. */
struct choice {
	const struct column *columns;
	const struct table_choice *chosen;
	const void *context;
	int room; /* columns, gaps left out of it already */
	int gap;
	bool is_taken[TABLE_COLUMNS_MAX];
	int width[TABLE_COLUMNS_MAX];
};

static const struct column *column_at(const struct choice *c, size_t i)
{
	return &c->columns[c->chosen->at[i].index];
}

static bool is_possible(const struct choice *c, size_t i)
{
	const struct column *column = column_at(c, i);

	return c->chosen->at[i].is_shown && !c->is_taken[i] &&
	       (!column->is_shown || column->is_shown(c->context));
}

/* Half a step behind the first: what was asked for. */
static unsigned rank(const struct choice *c, size_t i)
{
	unsigned priority = column_at(c, i)->priority;

	return c->chosen->at[i].is_wanted && priority > 1 ? 3 : 2 * priority;
}

/* The column of lowest priority that is not taken yet; chosen->n: none. */
static size_t next_column(const struct choice *c)
{
	size_t n = c->chosen->n, best = n;

	for (size_t i = 0; i < n; i++)
		if (is_possible(c, i) && (best == n || rank(c, i) < rank(c, best)))
			best = i;
	return best;
}

/* What the taken columns need before column `next` may come in. */
static int needed_before(const struct choice *c, size_t next)
{
	bool is_extra = rank(c, next) >= 2 * PRIORITY_EXTRA;
	int sum = 0;

	for (size_t i = 0; i < c->chosen->n; i++)
		if (c->is_taken[i])
			sum += c->gap + (is_extra ? column_at(c, i)->width_usual
						  : column_at(c, i)->width_min);
	return sum;
}

static void take_columns(struct choice *c)
{
	size_t next = next_column(c);

	while (next < c->chosen->n) {
		int width = column_at(c, next)->width_min;
		int before = needed_before(c, next);

		if (before && before + width > c->room)
			return;
		c->is_taken[next] = true;
		c->width[next] = width;
		next = next_column(c);
	}
}

static bool wants_more(const struct choice *c, size_t i, const int *wanted)
{
	return c->is_taken[i] && c->width[i] < wanted[c->chosen->at[i].index] &&
	       c->width[i] < column_at(c, i)->width_max;
}

/* Hands out *left columns, one by one, to those of this alignment whose texts need them. */
static void widen(struct choice *c, const int *wanted, enum align align, int *left)
{
	bool has_given = true;

	while (*left > 0 && has_given) {
		has_given = false;
		for (size_t i = 0; i<c->chosen->n && * left> 0; i++) {
			if (column_at(c, i)->align != align || !wants_more(c, i, wanted))
				continue;
			c->width[i]++;
			*left -= 1;
			has_given = true;
		}
	}
}

/* Numbers first: half of a number is a wrong one. */
static void share_rest(struct choice *c, const int *wanted)
{
	int left = c->room + c->gap;

	for (size_t i = 0; i < c->chosen->n; i++)
		if (c->is_taken[i])
			left -= c->width[i] + c->gap;
	widen(c, wanted, ALIGN_RIGHT, &left);
	widen(c, wanted, ALIGN_LEFT, &left);
}

void table_layout_chosen(const struct column *columns, const struct table_choice *chosen,
			 const void *context, int x, int width, const int *wanted,
			 struct layout *out)
{
	struct choice c = {.columns = columns,
			   .chosen = chosen,
			   .context = context,
			   .room = width,
			   .gap = width < 98 ? 1 : 2};

	take_columns(&c);
	share_rest(&c, wanted);
	*out = (struct layout){0};
	for (size_t i = 0; i < chosen->n; i++) {
		if (!c.is_taken[i])
			continue;
		out->columns[out->n++] = (struct placed){.column = column_at(&c, i),
							 .index = chosen->at[i].index,
							 .x = x,
							 .width = c.width[i]};
		x += c.width[i] + c.gap;
	}
}

void table_choose_default(const struct column *columns, size_t n, struct table_choice *out)
{
	assert(n <= TABLE_COLUMNS_MAX);
	*out = (struct table_choice){.n = n};
	for (size_t i = 0; i < n; i++)
		out->at[i] = (struct chosen){.index = i, .is_shown = !columns[i].is_off};
}

void table_layout(const struct column *columns, size_t n, const void *context, int x,
		  int width, const int *wanted, struct layout *out)
{
	struct table_choice all;

	table_choose_default(columns, n, &all);
	table_layout_chosen(columns, &all, context, x, width, wanted, out);
}

/* Where there is no room for both, the title is cut: the mark says what the order is. */
static void put_sorted(struct str *out, const struct placed *p, const char *mark)
{
	size_t len = strlen(p->column->title), mark_width = text_width(text_of(mark));
	size_t room = (size_t)p->width > mark_width ? (size_t)p->width - mark_width : 0;

	str_append(out, p->column->title, len < room ? len : room);
	str_printf(out, "%s%s", len < room ? " " : "", mark);
}

void table_head(struct frame *f, int y, const struct layout *layout,
		const struct column *sorted, bool is_reversed)
{
	struct str title = {0};

	for (size_t i = 0; i < layout->n; i++) {
		const struct placed *p = &layout->columns[i];
		bool is_falling = p->column->is_descending != is_reversed;
		enum symbol mark = is_falling ? SYMBOL_FALLING : SYMBOL_RISING;

		str_reset(&title);
		if (p->column == sorted)
			put_sorted(&title, p, symbol_text(mark, f->is_ascii));
		else
			str_puts(&title, p->column->title);
		frame_field(f, p->x, y, p->width, ROLE_TITLE, p->column->align, CLIP_END,
			    text_of_str(&title));
	}
	str_release(&title);
}

enum role table_print(const struct column *c, const void *context, const void *row,
		      int width, struct str *out)
{
	struct cell_print p = {.context = context, .row = row, .width = width, .out = out};

	str_reset(out);
	c->print(&p);
	return p.role;
}

/* A table of families of ports. */
#include "core/services/siblings.h"

enum { FAMILY_MAX = 6 };

static const uint16_t families[][FAMILY_MAX] = {
	{80, 8080, 8000, 8008, 8888, 81},
	{443, 8443, 4443, 9443, 4433, 444},
	{22, 2222, 222, 22022},
	{25, 587, 465, 2525},
	{3306, 33060, 3307},
	{5432, 5433, 6432},
	{6379, 6380},
	{53, 853},
	{110, 995},
	{143, 993},
	{21, 2121, 990},
	{389, 636, 3268},
};

static bool has(const uint16_t *family, uint16_t port)
{
	for (size_t i = 0; i < FAMILY_MAX; i++)
		if (port && family[i] == port)
			return true;
	return false;
}

bool ports_are_siblings(uint16_t a, uint16_t b)
{
	if (a == b)
		return false;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (has(families[i], a) && has(families[i], b))
			return true;
	return false;
}

size_t ports_siblings(uint16_t port, uint16_t *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (size_t k = 0; k < FAMILY_MAX && n < room; k++)
			if (families[i][k] && families[i][k] != port &&
			    has(families[i], port))
				out[n++] = families[i][k];
	return n;
}

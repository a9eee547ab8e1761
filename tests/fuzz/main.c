/*
 * Stands in for clang's fuzzer where that is absent: gives a target its seeds, then damaged
 * copies of them. Takes the same words; knows no coverage, so it finds less.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536
#define SEEDS_MAX 4096

static struct seed {
	uint8_t *bytes; /* malloc */
	size_t len;
} seeds[SEEDS_MAX];
static size_t n_seeds;

/* xorshift64: the same runs every time. */
static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static size_t random_below(size_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? (size_t)(random_state % n) : 0;
}

static void add_file(const char *path)
{
	struct seed seed = {.bytes = malloc(INPUT_MAX)};
	FILE *file = fopen(path, "rb");

	if (!file || !seed.bytes || n_seeds == SEEDS_MAX) {
		fprintf(stderr, "%s: not read\n", path);
		exit(1);
	}
	seed.len = fread(seed.bytes, 1, INPUT_MAX, file);
	fclose(file);
	seeds[n_seeds++] = seed;
}

static void add_path(const char *path)
{
	char below[4096];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		add_file(path);
		return;
	}
	dir = opendir(path);
	if (!dir) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		add_path(below);
	}
	closedir(dir);
}

/* One small damage: a byte, a 32-bit number, a piece of another seed, a shorter or longer
 * end. */
static size_t damage(uint8_t *bytes, size_t len)
{
	static const uint32_t numbers[] = {0,      1,          0x7f,       0xff,
					   0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
	size_t at = random_below(len), n;
	const struct seed *other;

	switch (random_below(5)) {
	case 0:
		if (len)
			bytes[at] = (uint8_t)random_below(256);
		return len;
	case 1:
		if (len >= 4)
			memcpy(bytes + random_below(len - 3), &numbers[random_below(8)], 4);
		return len;
	case 2:
		return at;
	case 3:
		n = random_below(64);
		if (len + n > INPUT_MAX)
			return len;
		memset(bytes + len, (int)random_below(256), n);
		return len + n;
	default:
		other = &seeds[random_below(n_seeds)];
		n = random_below(other->len < len - at ? other->len : len - at);
		memcpy(bytes + at, other->bytes, n);
		return len;
	}
}

/* In memory of exactly its size, so that a read past the end is seen. */
static void give(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void give_damaged(void)
{
	static uint8_t bytes[INPUT_MAX];
	const struct seed *seed = &seeds[random_below(n_seeds)];
	size_t len = seed->len;

	memcpy(bytes, seed->bytes, len);
	for (size_t n = 1 + random_below(8); n; n--)
		len = damage(bytes, len);
	give(bytes, len);
}

int main(int argc, char **argv)
{
	uint64_t runs = UINT64_MAX, done = 0;
	time_t end = 0;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "-runs=", 6) == 0)
			runs = strtoull(argv[i] + 6, NULL, 10);
		else if (strncmp(argv[i], "-max_total_time=", 16) == 0)
			end = time(NULL) + (time_t)strtol(argv[i] + 16, NULL, 10);
		else
			add_path(argv[i]);
	}
	if (!n_seeds)
		seeds[n_seeds++] = (struct seed){.bytes = calloc(1, INPUT_MAX), .len = 64};
	for (size_t i = 0; i < n_seeds; i++)
		give(seeds[i].bytes, seeds[i].len);
	for (; done < runs && (!end || time(NULL) < end); done++)
		give_damaged();
	fprintf(stderr, "%zu seeds, %" PRIu64 " damaged copies\n", n_seeds, done);
	for (size_t i = 0; i < n_seeds; i++)
		free(seeds[i].bytes);
	return 0;
}

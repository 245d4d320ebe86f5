// The lab's guest: proves on its console that its memory and its disk survive a migration.
//
// Every page of the working set holds words that follow from its index, and a few that follow from its
// index and from how often it was written. How often is kept outside the working set, so that a page that
// came over stale, torn or swapped with another is told from a good one.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "guest.h"

enum {
    WORDS = PAGE_BYTES / 8,
    STAMP_EVERY = 64,          // words between two that change with each write: 8 a page
    TICK_NS = 100 * 1000000,
    SLICES_A_TICK = 5,
    SWEEP_TICKS = 50,          // the whole working set is verified in that many ticks
    SAW_NS_LOG2 = 33,          // the saw's period: 8.6 s
};

struct options {
    uint64_t rate_mib;
    uint64_t set_mib;
    uint64_t corrupt_tick;
    char pattern[16];
    int disk;
};

struct memory {
    uint64_t *words;
    uint32_t *generation;
    uint64_t pages;
    uint64_t next_write;
    uint64_t next_sweep;
    uint64_t written;
    uint64_t swept;
};

static char failure[160];

void fail(const char *format, ...)
{
    if (failure[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure, sizeof(failure), format, arguments);
    va_end(arguments);
}

uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * 0x9e3779b97f4a7c15u + b * 0xc2b2ae3d27d4eb4fu + 0x165667b19e3779f9u;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9u;
    return x ^ (x >> 32);
}

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
    struct timespec time = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) { }
}

static void read_options(struct options *options)
{
    char line[4096] = "";
    int fd = open("/proc/cmdline", O_RDONLY);
    if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
        fail("cmdline errno=%d", errno);
    if (fd >= 0)
        close(fd);
    for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        sscanf(word, "lab.rate=%" SCNu64, &options->rate_mib);
        sscanf(word, "lab.set=%" SCNu64, &options->set_mib);
        sscanf(word, "lab.corrupt=%" SCNu64, &options->corrupt_tick);
        sscanf(word, "lab.pattern=%15s", options->pattern);
        sscanf(word, "lab.disk=%d", &options->disk);
    }
}

static void *allocate(uint64_t bytes)
{
    void *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (area == MAP_FAILED) {
        printf("guest: no memory for %" PRIu64 " bytes\n", bytes);
        for (;;)
            pause();
    }
    return area;
}

// The words between the stamps, cheap enough to verify all of them under software emulation.
static uint64_t first_word(uint64_t page) { return mix(page, 0); }
static const uint64_t word_step = 0x9e3779b97f4a7c15u;

static void stamp(struct memory *memory, uint64_t page)
{
    uint64_t *words = memory->words + page * WORDS;
    uint64_t generation = memory->generation[page];
    for (int i = 0; i < WORDS; i += STAMP_EVERY)
        words[i] = mix(page ^ ((uint64_t)i << 48), generation);
}

static void fill(struct memory *memory, uint64_t page)
{
    uint64_t *words = memory->words + page * WORDS;
    uint64_t word = first_word(page);
    for (int i = 0; i < WORDS; i++, word += word_step)
        words[i] = word;
    stamp(memory, page);
}

static void expect(uint64_t page, int word, uint64_t expected, uint64_t found)
{
    if (expected != found)
        fail("page=%" PRIu64 " word=%d expected=%016" PRIx64 " found=%016" PRIx64, page, word, expected, found);
}

static void verify_stamps(const struct memory *memory, uint64_t page)
{
    const uint64_t *words = memory->words + page * WORDS;
    uint64_t generation = memory->generation[page];
    for (int i = 0; i < WORDS; i += STAMP_EVERY)
        expect(page, i, mix(page ^ ((uint64_t)i << 48), generation), words[i]);
}

static void verify_page(const struct memory *memory, uint64_t page)
{
    const uint64_t *words = memory->words + page * WORDS;
    uint64_t word = first_word(page);
    verify_stamps(memory, page);
    for (int i = 0; i < WORDS; i++, word += word_step)
        if (i % STAMP_EVERY != 0)
            expect(page, i, word, words[i]);
}

static void set_up(struct memory *memory, uint64_t mib)
{
    memory->pages = mib * (1048576 / PAGE_BYTES);
    memory->words = allocate(memory->pages * PAGE_BYTES);
    memory->generation = allocate(memory->pages * sizeof(*memory->generation));
    for (uint64_t page = 0; page < memory->pages; page++)
        fill(memory, page);
}

static uint64_t choose_page(struct memory *memory, const char *pattern)
{
    uint64_t turn = memory->next_write++;
    if (strcmp(pattern, "hot") == 0 && turn % 16 != 0)
        return turn % (memory->pages / 8);
    return turn % memory->pages;
}

static void write_pages(struct memory *memory, uint64_t count, const char *pattern)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t page = choose_page(memory, pattern);
        verify_stamps(memory, page);
        memory->generation[page]++;
        stamp(memory, page);
    }
    memory->written += count;
}

static void sweep(struct memory *memory)
{
    uint64_t count = (memory->pages + SWEEP_TICKS - 1) / SWEEP_TICKS;
    for (uint64_t i = 0; i < count; i++) {
        verify_page(memory, memory->next_sweep);
        memory->next_sweep = (memory->next_sweep + 1) % memory->pages;
    }
    memory->swept += count;
}

// How many pages are due after so much time; a saw runs from nothing to twice the rate and back.
static double pages_due(const struct options *options, uint64_t now, uint64_t elapsed)
{
    double due = (double)options->rate_mib * (1048576 / PAGE_BYTES) * (double)elapsed / 1e9;
    if (strcmp(options->pattern, "saw") == 0)
        due *= 2.0 * (double)(now & ((1u << (SAW_NS_LOG2 - 20)) * 1048576ull - 1)) / (double)(1ull << SAW_NS_LOG2);
    return due;
}

static void print_tick(uint64_t tick, uint64_t now, const struct memory *memory, const struct disk *disk)
{
    printf("tick %" PRIu64 " t=%" PRIu64 ".%03" PRIu64 " %s%s pages=%" PRIu64 " written=%" PRIu64 " swept=%" PRIu64 " disk=",
        tick, now / 1000000000u, now / 1000000u % 1000u, failure[0] == '\0' ? "ok" : "FAIL ", failure,
        memory->pages, memory->written, memory->swept);
    if (disk->fd >= 0)
        printf("%" PRIu64 "\n", disk->written);
    else
        printf("off\n");
}

static void run(const struct options *options, struct memory *memory, struct disk *disk)
{
    uint64_t last = now_ns();
    uint64_t next = last + TICK_NS;
    double owed = 0;
    for (uint64_t tick = 1;; tick++) {
        for (int slice = SLICES_A_TICK - 1; slice >= 0; slice--) {
            if (slice > 0 && options->rate_mib == 0)
                continue;
            sleep_until(next - (uint64_t)slice * (TICK_NS / SLICES_A_TICK));
            uint64_t now = now_ns();
            // A guest that was starved must not make up for it in one burst of any length.
            owed += pages_due(options, now, now - last < 1000000000u ? now - last : 1000000000u);
            last = now;
            write_pages(memory, (uint64_t)owed, options->pattern);
            owed -= (double)(uint64_t)owed;
        }
        if (tick == options->corrupt_tick)
            memory->words[WORDS + 3] ^= 4;
        sweep(memory);
        disk_step(disk, tick);
        uint64_t now = now_ns();
        print_tick(tick, now, memory, disk);
        next += TICK_NS;
        if (next < now)
            next = now + TICK_NS;
    }
}

int main(void)
{
    struct options options = { .set_mib = 32, .pattern = "uniform" };
    struct memory memory = { 0 };
    struct disk disk = { .fd = -1 };
    struct termios terminal;

    // A line's end must reach the log as one byte, and a line as one write.
    if (tcgetattr(STDOUT_FILENO, &terminal) == 0) {
        cfmakeraw(&terminal);
        tcsetattr(STDOUT_FILENO, TCSANOW, &terminal);
    }
    setvbuf(stdout, NULL, _IOLBF, 4096);

    read_options(&options);
    set_up(&memory, options.set_mib);
    if (options.disk)
        disk_open(&disk, "/dev/vda");
    printf("\nlab-guest boot pages=%" PRIu64 " rate=%" PRIu64 " pattern=%s disk=%s records=%" PRIu64 "\n", memory.pages,
        options.rate_mib, options.pattern, disk.fd >= 0 ? "on" : "off", disk.found);
    run(&options, &memory, &disk);
}

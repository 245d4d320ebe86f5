// Notes when each line of each guest's console came: a guest's own clock stands still while it is paused, so
// that only a clock of the machine shows how long a migration stopped it.
//
// stamp CONSOLES STAMPS: for each file NAME in CONSOLES that grows, appends to NAME in STAMPS one line
// "<milliseconds> <offset>" a write: the machine's monotonic clock, and how long the console was by then.
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000u + (uint64_t)time.tv_nsec / 1000000u;
}

static void stamp(int consoles, int stamps, const char *name)
{
    struct stat console;
    if (fstatat(consoles, name, &console, 0) != 0)
        return;
    int fd = openat(stamps, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    dprintf(fd, "%" PRIu64 " %lld\n", now_ms(), (long long)console.st_size);
    close(fd);
}

int main(int count, char **arguments)
{
    static char buffer[64 * 1024] __attribute__((aligned(8)));
    if (count != 3)
        return 2;
    int consoles = open(arguments[1], O_RDONLY | O_DIRECTORY);
    int stamps = open(arguments[2], O_RDONLY | O_DIRECTORY);
    int watch = inotify_init();
    if (consoles < 0 || stamps < 0 || watch < 0 || inotify_add_watch(watch, arguments[1], IN_MODIFY) < 0)
        return 1;
    for (;;) {
        // QEMU writes a console byte by byte: a pause lets a line's bytes come as one event.
        nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000000 }, NULL);
        ssize_t got = read(watch, buffer, sizeof(buffer));
        if (got <= 0)
            return 1;
        for (ssize_t at = 0; at < got;) {
            const struct inotify_event *event = (const struct inotify_event *)(buffer + at);
            if (event->len > 0)
                stamp(consoles, stamps, event->name);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

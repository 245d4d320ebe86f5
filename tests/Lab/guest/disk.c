// Numbered, checksummed records on a raw block device, written past the page cache: what is read back comes
// from the host's storage, not from the guest's memory.
#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

enum { RECORD_BYTES = 4096, RECORD_WORDS = RECORD_BYTES / 8, SCAN_BYTES = 1 << 20 };

static const uint64_t magic = 0x6c61622d7265636fu;

static uint64_t buffer[SCAN_BYTES / 8] __attribute__((aligned(RECORD_BYTES)));

static uint64_t sum(const uint64_t *record)
{
    uint64_t value = 0;
    for (int i = 0; i < RECORD_WORDS - 1; i++)
        value = (value << 1 | value >> 63) ^ record[i];
    return value;
}

static int is_empty(const uint64_t *record)
{
    for (int i = 0; i < RECORD_WORDS; i++)
        if (record[i] != 0)
            return 0;
    return 1;
}

static void write_record(const struct disk *disk, uint64_t number)
{
    buffer[0] = magic;
    buffer[1] = number;
    for (int i = 2; i < RECORD_WORDS - 1; i++)
        buffer[i] = mix(number, (uint64_t)i);
    buffer[RECORD_WORDS - 1] = sum(buffer);
    if (pwrite(disk->fd, buffer, RECORD_BYTES, (off_t)(number % disk->slots * RECORD_BYTES)) != RECORD_BYTES)
        fail("disk-write=%" PRIu64 " errno=%d", number, errno);
}

static void verify_record(const struct disk *disk, uint64_t number)
{
    if (pread(disk->fd, buffer, RECORD_BYTES, (off_t)(number % disk->slots * RECORD_BYTES)) != RECORD_BYTES)
        fail("disk-read=%" PRIu64 " errno=%d", number, errno);
    else if (buffer[0] != magic || buffer[1] != number)
        fail("disk-record expected=%" PRIu64 " found=%" PRIu64, number, buffer[1]);
    else if (buffer[RECORD_WORDS - 1] != sum(buffer))
        fail("disk-record=%" PRIu64 " checksum", number);
}

// Finds what an earlier boot wrote, so that numbering goes on and a disk that lost data shows at once.
static void scan(struct disk *disk)
{
    for (off_t at = 0; at < (off_t)(disk->slots * RECORD_BYTES); at += SCAN_BYTES) {
        ssize_t got = pread(disk->fd, buffer, SCAN_BYTES, at);
        for (ssize_t i = 0; i + RECORD_BYTES <= got; i += RECORD_BYTES) {
            const uint64_t *record = buffer + i / 8;
            if (is_empty(record))
                continue;
            if (record[0] != magic || record[RECORD_WORDS - 1] != sum(record)) {
                fail("disk-slot=%" PRIu64 " garbled", (uint64_t)(at + i) / RECORD_BYTES);
                continue;
            }
            disk->found++;
            if (record[1] >= disk->next)
                disk->next = record[1] + 1;
        }
    }
}

void disk_open(struct disk *disk, const char *path)
{
    disk->fd = open(path, O_RDWR | O_DIRECT | O_DSYNC);
    if (disk->fd < 0) {
        fail("disk-open errno=%d", errno);
        return;
    }
    disk->slots = (uint64_t)lseek(disk->fd, 0, SEEK_END) / RECORD_BYTES;
    scan(disk);
    disk->first = disk->next;
}

void disk_step(struct disk *disk, uint64_t tick)
{
    if (disk->fd < 0)
        return;
    write_record(disk, disk->next);
    verify_record(disk, disk->next);
    disk->next++;
    disk->written++;
    uint64_t kept = disk->written < disk->slots ? disk->written : disk->slots;
    verify_record(disk, disk->next - 1 - tick * 7919 % kept);
}

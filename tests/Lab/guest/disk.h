#pragma once

#include <stdint.h>

struct disk {
    int fd;
    uint64_t slots;
    uint64_t next;      // the next record's number; record n lives in slot n % slots
    uint64_t first;     // the oldest record written since boot
    uint64_t written;   // since boot
    uint64_t found;     // good records that an earlier boot left
};

void disk_open(struct disk *disk, const char *path);

// Writes one record, and verifies it and one of the earlier ones.
void disk_step(struct disk *disk, uint64_t tick);

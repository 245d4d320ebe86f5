// Preloaded into the lab's libvirtd, and into what ssh runs on its hosts: libvirt migrates a guest with a disk on shared storage only if it takes
// the file system for a shared one, and asks the kernel for its type. The hosts do share the lab's directory,
// but it lies on this machine's own disk: say "NFS" for it, and for what a symbolic link puts there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

enum { NFS_SUPER_MAGIC = 0x6969 };

static int ask(const char *name, const char *path, struct statfs64 *result)
{
    int (*real)(const char *, struct statfs64 *) = (int (*)(const char *, struct statfs64 *))dlsym(RTLD_NEXT, name);
    const char *shared = getenv("LAB_SHARED");
    char target[PATH_MAX];
    int status = real(path, result);
    if (status == 0 && shared != NULL && realpath(path, target) != NULL && strncmp(target, shared, strlen(shared)) == 0)
        result->f_type = NFS_SUPER_MAGIC;
    return status;
}

int statfs64(const char *path, struct statfs64 *result) { return ask("statfs64", path, result); }

// stat --file-system asks like this; on x86_64 both structures are the same.
int statfs(const char *path, struct statfs *result) { return ask("statfs", path, (struct statfs64 *)result); }

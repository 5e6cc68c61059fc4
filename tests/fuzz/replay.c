/* replay - runs a fuzz target over the files of the directories given, without libFuzzer: seeds and
 * what was found as plain tests. Prints one line. */
#include <dirent.h>
#include <stdio.h>

#include "base/fd.h"
#include "fuzz.h"

#define MAX_BYTES ((size_t)16 << 20)

static bool replay_file(const char *path)
{
    AUTO_BUF bytes = BUF_INIT;
    struct error err = ERROR_INIT;
    if (!fd_read_file(path, MAX_BYTES, &bytes, &err)) {
        (void)fprintf(stderr, "%s\n", err.message);
        return false;
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)buf_string(&bytes), bytes.length);
    return true;
}

static bool replay_directory(const char *path, unsigned *count)
{
    DIR *directory = opendir(path);
    bool fine = directory != NULL;
    for (struct dirent *entry; fine && (entry = readdir(directory)) != NULL;) {
        if (entry->d_type != DT_REG)
            continue;
        AUTO_BUF name = BUF_INIT;
        buf_addf(&name, "%s/%s", path, entry->d_name);
        fine = replay_file(buf_string(&name));
        (*count)++;
    }
    if (directory != NULL)
        (void)closedir(directory);
    return fine;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    bool fine = argc > 1;
    for (int i = 1; i < argc; i++)
        fine = replay_directory(argv[i], &count) && fine;
    printf("%u seeds\n", count);
    return fine && count > 0 ? 0 : 1;
}

#include "app/socket_path.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sha256.h"

void socket_path_name(const char *root_path, char ret_name[SOCKET_NAME_BYTES])
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    sha256(root_path, strlen(root_path), digest);
    sha256_hex(digest, hex);
    snprintf(ret_name, SOCKET_NAME_BYTES, "%.16s.sock", hex);
}

void socket_path_address(int dir_fd, const char *name, struct sockaddr_un *ret_address)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(
        ret_address->sun_path, sizeof(ret_address->sun_path), "/proc/self/fd/%d/%s", dir_fd, name);
}

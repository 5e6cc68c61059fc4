/* socket_path.h - names and addresses of the daemon's control sockets. For socket.c and
 * socket_client.c. Thread: any. */
#ifndef APP_SOCKET_PATH_H
#define APP_SOCKET_PATH_H

#include <sys/un.h>

#define SOCKET_NAME_BYTES 24 /* 16 hex digits, ".sock", NUL */

/** First 16 hex digits of SHA-256 over the root's absolute path, and ".sock". */
void socket_path_name(const char *root_path, char ret_name[SOCKET_NAME_BYTES]);

/** The address of `name` in an open directory, by way of /proc/self/fd: sun_path holds 108 bytes, a
 * runtime directory may be longer. */
void socket_path_address(int dir_fd, const char *name, struct sockaddr_un *ret_address);

#endif

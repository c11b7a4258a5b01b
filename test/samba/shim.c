#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Samba's ports 389, 636, 3268 and 3269 are fixed. Preloaded, this binds them SHIM_SHIFT higher, and tells Samba the old
 * number again, because it chooses TLS by the local port. Only for tests: no root, no clash with a real server. */
static int shift(void) {
  const char *text = getenv("SHIM_SHIFT");
  return text ? atoi(text) : 0;
}

static int directory_port(int port) { return port == 389 || port == 636 || port == 3268 || port == 3269; }

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    struct sockaddr_in moved = *(const struct sockaddr_in *)address;
    if (directory_port(ntohs(moved.sin_port))) {
      moved.sin_port = htons(ntohs(moved.sin_port) + shift());
      return real(fd, (struct sockaddr *)&moved, sizeof moved);
    }
  }
  return real(fd, address, length);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length) {
  int (*real)(int, struct sockaddr *, socklen_t *) = dlsym(RTLD_NEXT, "getsockname");
  int result = real(fd, address, length);
  if (result == 0 && address->sa_family == AF_INET) {
    struct sockaddr_in *in = (struct sockaddr_in *)address;
    if (directory_port(ntohs(in->sin_port) - shift())) in->sin_port = htons(ntohs(in->sin_port) - shift());
  }
  return result;
}

// SPDX-License-Identifier: MIT
// haproxy-health [SOCKET]: 0 when the HAProxy on this runtime socket answers and does not stop, else 1 with the reason.
//
// Of HAProxy alone, on purpose: neither a Consul that is away nor a slotd that starts again is a reason to end a
// HAProxy that serves.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int unhealthy(const char *path, const char *why) {
    fprintf(stderr, "%s: %s\n", path, why);
    return 1;
}

int main(int argc, char **argv) {
    static const char question[] = "show info\n";
    const char *path = argc > 1 ? argv[1] : "/run/haproxy/admin.sock";
    const struct timeval patience = {.tv_sec = 3};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char answer[16384];
    size_t length = 0;
    ssize_t more;

    if (strlen(path) >= sizeof address.sun_path)
        return unhealthy(path, "too long for a socket");
    strcpy(address.sun_path, path);
    const int admin = socket(AF_UNIX, SOCK_STREAM, 0);
    // For connecting and writing too.
    setsockopt(admin, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(admin, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(admin, (const struct sockaddr *)&address, sizeof address) != 0 ||
        write(admin, question, sizeof question - 1) < 0)
        return unhealthy(path, strerror(errno));
    while (length < sizeof answer - 1 && (more = read(admin, answer + length, sizeof answer - 1 - length)) > 0)
        length += (size_t)more;
    answer[length] = '\0';
    if (strstr(answer, "\nPid: ") == NULL)
        return unhealthy(path, length == 0 ? "no answer within 3 s" : "this is no answer of HAProxy");
    if (strstr(answer, "\nStopping: 1") != NULL)
        return unhealthy(path, "HAProxy is stopping");
    return 0;
}

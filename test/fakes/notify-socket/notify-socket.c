/*
 * Stands for systemd: listens on the socket that sd_notify(3) is told in NOTIFY_SOCKET, runs the program
 * of its arguments, and prints what comes, a line for each datagram. Node has no such sockets.
 * Usage: notify-socket NAME PROGRAM [ARGUMENT...]; an @ begins an abstract name.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t child;

static void pass_on(int signo) {
    if (child > 0) kill(child, signo);
}

static int listen_at(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    if (length == 0 || length >= sizeof address.sun_path) return -1;
    memcpy(address.sun_path, name, length);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    } else {
        size += 1;
    }
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, size) < 0) return -1;
    struct timeval often = {.tv_usec = 20 * 1000};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &often, sizeof often);
    return descriptor;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    int descriptor = listen_at(argv[1]);
    if (descriptor < 0) {
        perror("notify-socket");
        return 2;
    }
    setenv("NOTIFY_SOCKET", argv[1], 1);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    child = pid;
    signal(SIGTERM, pass_on);
    signal(SIGINT, pass_on);
    int status = 0;
    int has_ended = 0;
    for (;;) {
        char text[4096];
        ssize_t count = recv(descriptor, text, sizeof text, 0);
        if (count > 0) {
            printf("%.*s\n", (int)count, text);
            fflush(stdout);
        } else if (has_ended) {
            /* All that it has said has been read. */
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        if (!has_ended) has_ended = waitpid(pid, &status, WNOHANG) == pid;
    }
}

/* Child processes: fork(2), each in a session and process group of its own, with three pipes. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "native.h"

/* Longest path that is tried for a program of the PATH. */
#define MOST_PATH 4096

struct words {
    char **list;
    size_t count;
};

struct start {
    struct words arguments;
    struct words environment;
    const char *folder;
    int user;
    int group;
};

static void release_words(struct words *words) {
    for (size_t index = 0; index < words->count; index += 1) free(words->list[index]);
    free(words->list);
}

/* An array of strings, ended by NULL. A NUL in one of them is EINVAL; exec(2) would cut it. */
static int take_words(JSContext *ctx, JSValueConst array, struct words *words) {
    JSValue length = JS_GetPropertyStr(ctx, array, "length");
    uint32_t count = 0;
    int ok = JS_ToUint32(ctx, &count, length) == 0;
    JS_FreeValue(ctx, length);
    words->list = ok ? calloc((size_t)count + 1, sizeof *words->list) : NULL;
    if (words->list == NULL) return ENOMEM;
    for (uint32_t index = 0; index < count; index += 1) {
        struct text text;
        JSValue value = JS_GetPropertyUint32(ctx, array, index);
        ok = take_text(ctx, value, &text);
        JS_FreeValue(ctx, value);
        if (!ok) return EINVAL;
        size_t size = text.length + 1;
        int is_whole = strlen(text.chars) == text.length;
        char *copy = is_whole ? malloc(size) : NULL;
        if (copy != NULL) memcpy(copy, text.chars, size);
        release_text(ctx, &text);
        if (copy == NULL) return is_whole ? ENOMEM : EINVAL;
        words->list[words->count++] = copy;
    }
    return 0;
}

static const char *search_path(char *const *environment) {
    for (; *environment != NULL; environment += 1) {
        if (strncmp(*environment, "PATH=", 5) == 0) return *environment + 5;
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

/* As execvpe(3), but in the PATH that the child gets. Returns with errno where nothing can run. */
static void run_program(char *const *arguments, char *const *environment) {
    const char *name = arguments[0];
    if (strchr(name, '/') != NULL) {
        execve(name, arguments, environment);
        return;
    }
    char path[MOST_PATH];
    int problem = ENOENT;
    size_t name_length = strlen(name);
    for (const char *at = search_path(environment);; at += 1) {
        const char *end = strchrnul(at, ':');
        size_t length = (size_t)(end - at);
        if (name_length > 0 && length + name_length + 2 <= sizeof path) {
            memcpy(path, at, length);
            if (length > 0) path[length++] = '/';
            memcpy(path + length, name, name_length + 1);
            execve(path, arguments, environment);
            if (errno == EACCES) problem = EACCES;
            if (errno != EACCES && errno != ENOENT && errno != ENOTDIR) return;
        }
        if (*end == '\0') break;
        at = end;
    }
    errno = problem;
}

/* Between fork and exec, where only system calls are allowed (signal-safety(7)). */
static _Noreturn void be_child(const struct start *start, const int *ends, int report) {
    sigset_t none;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    sigaction(SIGPIPE, &usual, NULL);
    setsid();
    int ok = 1;
    for (int number = 0; number < 3 && ok; number += 1) ok = dup2(ends[number], number) >= 0;
    if (ok && start->group >= 0) {
        gid_t group = (gid_t)start->group;
        ok = setgroups(1, &group) == 0 && setgid(group) == 0;
    }
    if (ok && start->user >= 0) ok = setuid((uid_t)start->user) == 0;
    if (ok && start->folder != NULL) ok = chdir(start->folder) == 0;
    if (ok) run_program(start->arguments.list, start->environment.list);
    int problem = errno;
    (void)!write(report, &problem, sizeof problem);
    _exit(127);
}

/* The child's error until its exec, which closes the pipe. */
static int read_report(int report) {
    int problem = 0;
    for (;;) {
        ssize_t count = read(report, &problem, sizeof problem);
        if (count >= 0) return count == (ssize_t)sizeof problem ? problem : 0;
        if (errno != EINTR) return errno;
    }
}

/* Pipes: 0 and 1 for its input, 2 and 3 its output, 4 and 5 its errors, 6 and 7 the report. */
enum { IN, OUT, ERR, REPORT, PIPES };

/* dup2() in the child needs its ends clear of 0, 1 and 2, which may be closed here. */
static int open_pipe(int *ends) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    for (int index = 0; index < 2; index += 1) {
        if (ends[index] > 2) continue;
        int higher = fcntl(ends[index], F_DUPFD_CLOEXEC, 3);
        if (higher < 0) return -1;
        close(ends[index]);
        ends[index] = higher;
    }
    return 0;
}

static int start_child(const struct start *start, int pipes[PIPES][2], pid_t *pid) {
    for (int index = 0; index < PIPES; index += 1) {
        if (open_pipe(pipes[index]) < 0) return errno;
    }
    *pid = fork();
    if (*pid < 0) return errno;
    if (*pid == 0) {
        const int ends[] = {pipes[IN][0], pipes[OUT][1], pipes[ERR][1]};
        be_child(start, ends, pipes[REPORT][1]);
    }
    close(pipes[REPORT][1]);
    pipes[REPORT][1] = -1;
    int problem = read_report(pipes[REPORT][0]);
    if (problem != 0) waitpid(*pid, NULL, 0);
    const int mine[] = {pipes[IN][1], pipes[OUT][0], pipes[ERR][0]};
    for (int index = 0; index < 3; index += 1) fcntl(mine[index], F_SETFL, O_NONBLOCK);
    return problem;
}

/* Closes all ends but those that are kept. */
static void close_pipes(int pipes[PIPES][2], int keep) {
    for (int index = 0; index < PIPES; index += 1) {
        for (int end = 0; end < 2; end += 1) {
            int is_mine = index != REPORT && end == (index == IN ? 1 : 0);
            if (pipes[index][end] >= 0 && !(keep && is_mine)) close(pipes[index][end]);
        }
    }
}

/* spawn(arguments, environment, folder, user, group): [pid, its input, its output, its errors] */
static FUNCTION(spawn) {
    (void)this_value, (void)argc;
    struct start start = {0};
    struct text folder = {0};
    int pipes[PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    pid_t pid = -1;
    if (!take_int(ctx, argv[3], &start.user) || !take_int(ctx, argv[4], &start.group)) {
        return JS_EXCEPTION;
    }
    int in_folder = !JS_IsUndefined(argv[2]);
    if (in_folder && !take_name(ctx, argv[2], &folder)) return JS_EXCEPTION;
    start.folder = folder.chars;
    int problem = take_words(ctx, argv[0], &start.arguments);
    if (problem == 0) problem = take_words(ctx, argv[1], &start.environment);
    if (problem == 0 && start.arguments.count == 0) problem = EINVAL;
    if (problem == 0) problem = start_child(&start, pipes, &pid);
    close_pipes(pipes, problem == 0);
    release_words(&start.arguments);
    release_words(&start.environment);
    if (in_folder) release_text(ctx, &folder);
    if (problem != 0) return JS_NewInt32(ctx, -problem);
    double result[] = {pid, pipes[IN][1], pipes[OUT][0], pipes[ERR][0]};
    return new_numbers(ctx, 4, result);
}

/* [exit code, signal], of which one is 0; undefined while it runs. */
static FUNCTION(reap) {
    (void)this_value, (void)argc;
    int pid = 0;
    int status = 0;
    if (!take_int(ctx, argv[0], &pid)) return JS_EXCEPTION;
    if (pid <= 0 || waitpid(pid, &status, WNOHANG) != pid) return JS_UNDEFINED;
    double end[] = {WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                    WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    return new_numbers(ctx, 2, end);
}

/* kill(pid, signal); a negative pid is a process group. */
static FUNCTION(send_signal) {
    (void)this_value, (void)argc;
    int pid = 0;
    int signo = 0;
    if (!take_int(ctx, argv[0], &pid) || !take_int(ctx, argv[1], &signo)) return JS_EXCEPTION;
    /* 0 and -1 are this group and everybody. */
    if (pid == 0 || pid == -1) return JS_NewInt32(ctx, -EINVAL);
    return kill(pid, signo) < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("spawn", 5, spawn),
    JS_CFUNC_DEF("reap", 1, reap),
    JS_CFUNC_DEF("kill", 2, send_signal),
};

void add_processes(JSContext *ctx, JSValueConst native) {
    ADD(functions);
}

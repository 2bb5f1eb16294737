/* Runs a program that may talk to nobody and start nobody: confine [--git | --old] PROGRAM ARGUMENT...
 *
 * A seccomp filter kills it (SIGSYS) at socket, connect, bind, listen, accept, sendto, sendmsg, ptrace, fork, vfork,
 * and at a clone that makes no thread; at execve and execveat, too, except for the first one, which starts PROGRAM.
 * With --git fork and exec are let through, the network is not. With --old there is no openat2, as before Linux 5.6.
 * Exit status 77: no seccomp here. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

enum { MAX = 128 };

struct program {
    struct sock_filter at[MAX];
    unsigned short n;
};

static void add(struct program *p, struct sock_filter f)
{
    if (p->n < MAX)
        p->at[p->n++] = f;
}

static void statement(struct program *p, uint16_t code, uint32_t k)
{
    add(p, (struct sock_filter)BPF_STMT(code, k));
}

static void jump(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
    add(p, (struct sock_filter)BPF_JUMP(code, k, yes, no));
}

static void kill_at(struct program *p, long call)
{
    jump(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
    statement(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
}

/* The launcher's own execve is known by the address of its argument vector. */
static void only_own_execve(struct program *p, const void *argv)
{
    uint64_t address = (uint64_t)(uintptr_t)argv;
    size_t low = offsetof(struct seccomp_data, args) + sizeof(uint64_t);
    jump(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 6);
    statement(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)low);
    jump(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)address, 0, 3);
    statement(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)low + 4);
    jump(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(address >> 32), 0, 1);
    statement(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    statement(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
}

static void missing(struct program *p, long call)
{
    jump(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
    statement(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
}

static void only_threads(struct program *p)
{
#ifdef SYS_fork
    kill_at(p, SYS_fork);
    kill_at(p, SYS_vfork);
#endif
    jump(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
    statement(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));
    jump(p, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
    statement(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    statement(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    /* The flags of clone3 lie in memory, where a filter cannot look: the C library then uses clone. */
    missing(p, SYS_clone3);
}

int main(int argc, char **argv)
{
    static const long network[] = {SYS_socket,  SYS_socketpair, SYS_connect, SYS_bind,     SYS_listen, SYS_accept,
                                   SYS_accept4, SYS_sendto,     SYS_sendmsg, SYS_sendmmsg, SYS_ptrace};
    int git = argc > 1 && strcmp(argv[1], "--git") == 0;
    int old = argc > 1 && strcmp(argv[1], "--old") == 0;
    char **program = argv + 1 + git + old;
    struct program p = {.n = 0};
    if (!*program || !ARCHITECTURE)
        return 77;
    statement(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    jump(&p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    statement(&p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    statement(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof(network) / sizeof(*network); i++)
        kill_at(&p, network[i]);
#ifdef SYS_openat2
    if (old)
        missing(&p, SYS_openat2);
#endif
    if (!git) {
        kill_at(&p, SYS_execveat);
        only_threads(&p);
        only_own_execve(&p, program);
    }
    statement(&p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = p.n, .filter = p.at};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return 77;
    execve(program[0], program, environ);
    perror(program[0]);
    return 127;
}

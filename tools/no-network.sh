#!/bin/sh
# The program cannot talk to anybody: no socket function is linked. One function starts another program, git, for
# --since (src/cli/git.c); nothing else does. Usage: no-network.sh PROGRAM
starters='system|popen|vfork|fork|exec[lv]p?e?|execvpe|fexecve|posix_spawnp?'
linked=$(nm -D --undefined-only "$1" | awk '{print $NF}' | sed 's/@.*//')
[ -n "$linked" ] || { echo "skipped: no network (a static program)"; exit 0; }
bad=$(printf '%s\n' "$linked" | grep -xE "socket|socketpair|connect|bind|listen|accept|accept4|send|sendto|sendmsg|recv|recvfrom|getaddrinfo|gethostbyname|$starters" |
    grep -vxE 'fork|execvp')
[ -z "$bad" ] || { echo "linked: $bad"; exit 1; }
callers=$(grep -lE "\\b($starters) *\\(" -r src --include='*.c' | grep -v '_test[.]c$' | sort)
[ "$callers" = src/cli/git.c ] || { echo "programs are started by: $callers"; exit 1; }
[ "$(grep -oE "\\b($starters) *\\([^)]*" src/cli/git.c | tr '\n' ' ')" = 'execvp("git", arguments fork( ' ] || { echo "src/cli/git.c starts more than git"; exit 1; }
echo "no network, no child process but git: clean"

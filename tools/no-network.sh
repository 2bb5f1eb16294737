#!/bin/sh
# The program cannot talk to anybody: no socket function is linked, and no function that starts another program.
# Usage: no-network.sh PROGRAM
bad=$(nm -D --undefined-only "$1" | awk '{print $NF}' | sed 's/@.*//' |
    grep -xE 'socket|connect|bind|listen|accept|accept4|send|sendto|sendmsg|recv|recvfrom|getaddrinfo|gethostbyname|system|popen|fork|vfork|exec[lv]p?e?|posix_spawnp?')
[ -z "$bad" ] || { echo "linked: $bad"; exit 1; }
echo "no network, no child processes: clean"

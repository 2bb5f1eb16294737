#include "cli/timer.h"

#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/output.h"

static void expired(int signal_number)
{
    (void)signal_number;
    static const char text[] = "hipaalint: the time limit (--timeout) was reached; the analysis is incomplete\n";
    progress_erase_now();
    ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)written;
    output_abandon();
    _exit(EXIT_INCOMPLETE);
}

void timer_start(unsigned seconds)
{
    struct sigaction action = {.sa_handler = expired};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

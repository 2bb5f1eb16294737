/* timer.h - --timeout: after that many seconds the process says so on standard error and exits 3. */
#ifndef CLI_TIMER_H
#define CLI_TIMER_H

void timer_start(unsigned seconds);

#endif

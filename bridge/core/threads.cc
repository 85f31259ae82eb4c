// Signals and threads.
#include "bridge/core/threads.h"

#include <signal.h>

namespace copybridge {

void block_signals_in_this_thread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace copybridge

// What every thread of a component does first.
#pragma once

namespace copybridge {

/// Keeps every signal from the calling thread, so that they reach the main thread, and a write to
/// a closed pipe or beyond a size limit is an error number instead of the end of the process.
void block_signals_in_this_thread();

}  // namespace copybridge

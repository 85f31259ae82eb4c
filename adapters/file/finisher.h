// What becomes of a file when its records are settled: moved or deleted under a private name, so
// that a file that a sender is still changing is never taken away.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "adapters/file/arrivals.h"
#include "adapters/file/settings.h"
#include "adapters/file/store.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::file {

/// Moves or deletes the file of an arrival, and its trigger. Takes up an earlier attempt that was
/// cut off at any point: a file under the private name is finished, a file that is nowhere is
/// finished already. Nothing in the target folder is overwritten: a name that is taken gets the
/// arrival's number behind it. Durable on return. ErrorKind::source; it can be called again.
[[nodiscard]] Result<Finished> finish_file(const Arrival& arrival, const Disposal& disposal,
                                           const std::string& trigger_suffix);

/// Makes the folder of a move where it is missing. ErrorKind::source.
[[nodiscard]] Result<void> make_folder(const Disposal& disposal);

/// The errno of a rename that fails with EEXIST where the new name is taken; 0: done.
[[nodiscard]] int rename_without_overwriting(const std::filesystem::path& from,
                                             const std::filesystem::path& to);

}  // namespace copybridge::adapters::file
